import type { CheckAccount } from '../../contract/watch.ts'
import { keyDetails } from './account.ts'

/** Whose key it is and whether it is good. IBM does not say which plan an account is on, and has no wall of its own. */
const check: CheckAccount = async (context) => {
  const key = await keyDetails(context)
  const bad = key?.locked === true ? 'it is locked' : key?.disabled === true ? 'it is disabled' : undefined
  return {
    ...(key === undefined ? {} : { id: key.account_id }),
    findings: [
      {
        what: 'API key',
        ok: key !== undefined && bad === undefined,
        why: key === undefined ? 'there is no such key' : (bad ?? 'it is good'),
        ...(key !== undefined && bad === undefined ? {} : { hint: 'make another one under Manage, Access (IAM)' }),
      },
      {
        what: 'spending notifications',
        ok: false,
        why: 'nobody can see whether there are any: no API says so',
        hint: 'set them in the console, under Billing: they tell, and stop nothing',
        guard: true,
      },
    ],
  }
}

export default check
