import { z } from 'zod'
import type { CheckAccount, Finding, WatchContext } from '../../contract/watch.ts'
import { registriesOf } from '../registry.ts'
import { keyDetails } from './account.ts'

/** What the engine has to be let do, each with a question that shows it and the role that it takes. */
const RIGHTS = (account: string, region: string, month: string) => [
  {
    what: 'Code Engine',
    url: `https://api.${region}.codeengine.cloud.ibm.com/v2/projects?limit=1`,
    role: 'Editor and Writer for Code Engine',
  },
  {
    what: 'services',
    url: 'https://resource-controller.cloud.ibm.com/v2/resource_instances?limit=1',
    role: 'Editor for Cloudant and Viewer of the resource group',
  },
  {
    what: 'registry',
    url: `https://${registriesOf([region])[0]}/api/v1/namespaces`,
    role: 'Administrator and Manager for Container Registry',
  },
  {
    what: 'service IDs',
    url: `https://iam.cloud.ibm.com/v1/serviceids?account_id=${account}&pagesize=1`,
    role: 'Administrator for the IAM Identity Service',
  },
  {
    what: 'usage reports',
    url: `https://billing.cloud.ibm.com/v4/accounts/${account}/usage/${month}`,
    role: 'Viewer of Billing',
  },
]
const faultSchema = z.looseObject({ errors: z.array(z.looseObject({ message: z.string() })) })

/** Whose key it is, and what it is let see. IBM does not say which plan an account is on, and has no wall of its own. */
const check: CheckAccount = async (context) => {
  const key = await keyDetails(context)
  const bad = key?.locked === true ? 'it is locked' : key?.disabled === true ? 'it is disabled' : undefined
  const good = key !== undefined && bad === undefined
  return {
    ...(key === undefined ? {} : { id: key.account_id }),
    findings: [
      {
        what: 'API key',
        ok: good,
        why: key === undefined ? 'there is no such key' : (bad ?? 'it is good'),
        ...(good ? {} : { hint: 'make another one under Manage, Access (IAM)' }),
      },
      ...(key === undefined ? [] : await rights(context, key.account_id)),
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

async function rights(context: WatchContext, account: string): Promise<Finding[]> {
  const month = new Date(context.now).toISOString().slice(0, 7)
  const asked = RIGHTS(account, context.regions[0] ?? '', month)
  return Promise.all(
    asked.map(async ({ what, url, role }) => {
      const { status, body } = await context.api({ method: 'GET', url, headers: { account } })
      // A month without use has no report.
      const ok = status < 300 || status === 404
      const said = faultSchema.safeParse(body).data?.errors[0]?.message ?? `it answers ${status}`
      return { what, ok, why: ok ? 'it can be asked' : said, ...(ok ? {} : { hint: `give the key ${role}` }) }
    }),
  )
}
