import { z } from 'zod'
import type { CheckAccount, Finding } from '../../contract/watch.ts'
import { listIn } from '../rules/find.ts'

const planSchema = z.object({
  subscriptionCollections: z.array(
    z.object({ items: z.array(z.object({ planType: z.string(), upgradeState: z.string().optional() })) }),
  ),
})

/** A tenancy says who it is and whether it was upgraded; its walls are a quota policy and a budget with an alarm. */
export default (async ({ account, platform, credentials }) => {
  const tenancy = await platform.invoke('oci:Identity/getTenancy:getTenancy', {
    tenancyId: credentials.tenancyOcid ?? account.id,
  })
  const id = String(tenancy.id)
  const found = planSchema.safeParse(
    await platform.invoke('oci:OspGateway/getSubscriptions:getSubscriptions', {
      compartmentId: id,
      ospHomeRegion: credentials.region ?? '',
    }),
  )
  const subscription = found.data?.subscriptionCollections[0]?.items[0]
  const upgraded = subscription === undefined ? undefined : subscription.planType !== 'FREE_TIER'
  const walls = [await quotaPolicy(id, platform), await budget(id, platform)]
  return {
    id,
    ...(upgraded === undefined ? {} : { plan: upgraded ? 'payg' : unpaid(account.plan) }),
    findings: [
      {
        what: 'never upgraded',
        ok: upgraded === false,
        why:
          upgraded === undefined
            ? 'the tenancy does not say what it pays'
            : `its plan is ${subscription?.planType}${upgraded ? ', so what passes the limits is charged' : ', so it cannot be charged'}`,
        // Paying as one goes is no fault where that is what the owner says of the account.
        guard: true,
      },
      ...walls,
    ],
  }
}) satisfies CheckAccount

/** A trial and what comes after it are the same to the platform. */
function unpaid(claimed: string): string {
  return claimed === 'payg' ? 'always-free-only' : claimed
}

type Platform = Parameters<CheckAccount>[0]['platform']

async function quotaPolicy(tenancy: string, platform: Platform): Promise<Finding> {
  const policies = await listIn('oci:Limits/quota:Quota', tenancy, platform)
  const zeroes = policies.some((one) => JSON.stringify(one.statements ?? []).includes('zero compute-core quotas'))
  return {
    what: 'quota policy',
    guard: true,
    ok: zeroes,
    why: zeroes ? 'machines beyond the free ones are refused by the platform' : 'no quota policy holds machines back',
    ...(zeroes ? {} : { hint: './pipi account secure ora' }),
  }
}

async function budget(tenancy: string, platform: Platform): Promise<Finding> {
  const budgets = await listIn('oci:Budget/budget:Budget', tenancy, platform)
  const alarms = await Promise.all(budgets.map((one) => listIn('oci:Budget/rule:Rule', one.id, platform)))
  const ok = alarms.flat().length > 0
  return {
    what: 'budget with an alarm',
    guard: true,
    ok,
    why: ok
      ? 'somebody is told, up to a day later'
      : `there are ${budgets.length} budgets, none with an alarm: nobody is told`,
    ...(ok ? {} : { hint: './pipi account secure ora, with an address for alarms' }),
  }
}
