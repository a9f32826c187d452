import { z } from 'zod'
import type { CheckAccount } from '../../contract/watch.ts'
import { call } from './call.ts'

const accountSchema = z.object({
  account: z.object({
    uuid: z.string(),
    status: z.string(),
    status_message: z.string().optional(),
    droplet_limit: z.number().optional(),
    team: z.object({ uuid: z.string() }).optional(),
  }),
})

/** Whose token it is, and whether the account is in order. There is no plan to ask for, and no wall of its own. */
const check: CheckAccount = async (context) => {
  const { account } = (await call(context, '/v2/account', accountSchema)) ?? {}
  const id = account?.team?.uuid ?? account?.uuid
  const limit = account?.droplet_limit
  return {
    ...(id === undefined ? {} : { id }),
    findings: [
      {
        what: 'account',
        ok: account?.status === 'active',
        why: account === undefined ? 'there is no such account' : `it is ${account.status}`,
        ...(account?.status === 'active' ? {} : { hint: account?.status_message ?? 'look at the control panel' }),
      },
      {
        what: 'Droplet limit',
        ok: limit === 0,
        why: `up to ${limit ?? 'any number of'} Droplets can be made, and each is charged`,
        hint: "ask the platform's support to lower it; it refuses nothing else by itself",
        guard: true,
      },
      {
        what: 'billing alert',
        ok: false,
        why: 'nobody can see whether there is one: the API does not say',
        hint: 'set one in the control panel, under Billing: it tells, and stops nothing',
        guard: true,
      },
    ],
  }
}

export default check
