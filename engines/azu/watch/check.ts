import { z } from 'zod'
import type { CheckAccount, Finding } from '../../contract/watch.ts'
import { openManager } from './manager.ts'
import { rightsOf } from './rights.ts'

const subscriptionSchema = z.looseObject({
  subscriptionId: z.string(),
  state: z.string(),
  subscriptionPolicies: z.looseObject({ quotaId: z.string(), spendingLimit: z.string() }),
})
const listSchema = z.object({ value: z.array(z.looseObject({ name: z.string() })) })

/** A subscription says which offer it is on and whether its spending limit is on; its walls are policies and a budget. */
export default (async (context) => {
  const { account, credentials } = context
  const manager = await openManager(context)
  // What is deployed goes to the subscription that the credentials name, whichever is claimed.
  const here = `/subscriptions/${credentials.subscriptionId ?? account.id}`
  const found = await manager.get(here, '2022-12-01', subscriptionSchema)
  const { quotaId, spendingLimit } = found.subscriptionPolicies
  const limited = spendingLimit === 'On'
  const assigned = await manager.get(
    `${here}/providers/Microsoft.Authorization/policyAssignments`,
    '2023-04-01',
    listSchema,
  )
  const budgets = await manager.get(`${here}/providers/Microsoft.Consumption/budgets`, '2023-05-01', listSchema)
  const ours = assigned.value.filter((one) => one.name.startsWith('pipi-'))
  const findings: Finding[] = [
    {
      what: 'subscription enabled',
      ok: found.state === 'Enabled',
      why: `its state is ${found.state}`,
    },
    {
      what: 'spending limit',
      ok: limited,
      why: limited
        ? 'it is on: at the end of the credit everything stops'
        : `it is ${spendingLimit}: what passes is charged`,
      guard: true,
    },
    await rightsOf(manager, here),
    wall('policies that deny', ours.length >= 3, `${ours.length} of ours are assigned`),
    wall('budget', budgets.value.length > 0, `there are ${budgets.value.length}`),
  ]
  return { id: found.subscriptionId, plan: planOf(quotaId, limited, account.plan), findings }
}) satisfies CheckAccount

/** The offer as the catalogue calls it. Of pay-as-you-go the platform does not say whether its first year is over. */
function planOf(quotaId: string, limited: boolean, claimed: string): string {
  if (limited && quotaId.startsWith('FreeTrial')) return 'free-account-credit'
  if (limited && quotaId.startsWith('AzureForStudents')) return 'students'
  return claimed === '12-months' ? claimed : 'always-free'
}

function wall(what: string, ok: boolean, why: string): Finding {
  return { what, ok, why, guard: true, ...(ok ? {} : { hint: './pipi account secure azu' }) }
}
