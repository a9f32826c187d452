import { z } from 'zod'
import type { CheckAccount, Finding, WatchContext } from '../../contract/watch.ts'
import { callGet, callJson, type Operation } from './call.ts'
import { readPlanState } from './free-tier.ts'
import { rightsOf } from './rights.ts'

const identitySchema = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({ Account: z.string(), Arn: z.string() }),
  }),
})

const BUDGETS: Operation<{ Budgets?: { BudgetName: string }[] | null | undefined }> = {
  url: 'https://budgets.us-east-1.amazonaws.com/',
  target: 'AWSBudgetServiceGateway.DescribeBudgets',
  version: '1.1',
  answer: z.object({ Budgets: z.array(z.object({ BudgetName: z.string() })).nullish() }),
}

const PLANS: Record<string, string> = { FREE: 'free-plan', PAID: 'paid-plan' }

/** Whose keys these are, on which plan AWS says the account is, and whether its owner would be told of a cent. */
const check: CheckAccount = async (context) => {
  const identity = await callGet(
    context,
    'https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15',
    identitySchema,
  )
  const { Account: id, Arn } = identity?.GetCallerIdentityResponse.GetCallerIdentityResult ?? {}
  const [plan, findings] = await planOf(context)
  return {
    ...(id === undefined ? {} : { id }),
    ...(plan === undefined ? {} : { plan }),
    findings: [
      {
        what: 'keys',
        ok: id !== undefined && !Arn?.endsWith(':root'),
        why: id === undefined ? 'STS does not know these keys' : `they belong to ${Arn}`,
        ...(Arn?.endsWith(':root') ? { hint: 'use a user made for the engine: root can upgrade the plan' } : {}),
      },
      ...findings,
      ...(await rightsOf(context, Arn)),
      await budgetOf(context, id),
    ],
  }
}

export default check

async function planOf(context: WatchContext): Promise<[string | undefined, Finding[]]> {
  try {
    const state = await readPlanState(context)
    const plan = PLANS[state.accountPlanType ?? '']
    const { amount, unit } = state.accountPlanRemainingCredits ?? {}
    const left = amount === undefined ? '' : `, with ${amount} ${unit ?? 'USD'} of credits left`
    const why = `AWS says ${state.accountPlanType ?? 'nothing of a plan'}, ${state.accountPlanStatus ?? 'no status'}${left}`
    const ok = plan !== undefined && (state.accountPlanStatus ?? 'ACTIVE') === 'ACTIVE'
    return [plan, [{ what: 'plan', ok, why, ...(ok ? {} : { hint: 'look at the Billing console, "Free Tier"' }) }]]
  } catch (error) {
    // Accounts from before July 2025 have no plan, and AWS answers that there is none: what is claimed stands.
    if (!isMissing(error)) throw error
    return [undefined, [{ what: 'plan', ok: true, why: 'AWS knows of no plan: an account from before July 2025' }]]
  }
}

async function budgetOf(context: WatchContext, account: string | undefined): Promise<Finding> {
  const finding = { what: 'budget', guard: true }
  try {
    const { Budgets } = await callJson(context, BUDGETS, { AccountId: account })
    const names = (Budgets ?? []).map((one) => one.BudgetName)
    return names.length > 0
      ? { ...finding, ok: true, why: `there is ${names.join(', ')}` }
      : { ...finding, ok: false, why: 'nobody is told when money is spent', hint: './pipi account secure aws' }
  } catch (error) {
    return { ...finding, ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function isMissing(error: unknown): boolean {
  const type = (error as { data?: { type?: unknown } }).data?.type
  return type === 'ResourceNotFoundException'
}
