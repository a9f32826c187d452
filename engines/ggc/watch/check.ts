import { z } from 'zod'
import type { CheckAccount, Finding, WatchContext } from '../../contract/watch.ts'
import { call, list, projectIn } from './call.ts'
import { rightsOf } from './rights.ts'

const BILLING = 'https://cloudbilling.googleapis.com/v1'
const infoSchema = z.object({ billingAccountName: z.string().optional(), billingEnabled: z.boolean().optional() })
const accountSchema = z.object({ open: z.boolean().optional(), displayName: z.string().optional() })

/**
 * Which billing account pays for the project, whether it is open, and whether its owner would be told of a cent. Google
 * does not say whether an account is still in its free trial.
 */
const check: CheckAccount = async (context) => {
  const project = projectIn(context)
  const info = await call(context, `${BILLING}/projects/${project}/billingInfo`, infoSchema)
  const id = info?.billingAccountName?.replace('billingAccounts/', '')
  if (id === undefined || id === '' || info?.billingEnabled !== true) {
    const why = `nobody pays for the project ${project}, so nothing can be billed`
    return { plan: 'firebase-spark', findings: [{ what: 'billing', ok: true, why }] }
  }
  const account = await call(context, `${BILLING}/billingAccounts/${id}`, accountSchema)
  const open = account?.open === true
  return {
    id,
    findings: [
      {
        what: 'billing',
        ok: open,
        why: `${account?.displayName ?? id} pays for ${project}, and is ${open ? 'open' : 'closed'}`,
        ...(open ? {} : { hint: 'a closed billing account runs nothing: look at it in the console' }),
      },
      await rightsOf(context, project),
      await budgetOf(context, id),
    ],
  }
}

export default check

async function budgetOf(context: WatchContext, account: string): Promise<Finding> {
  const finding = { what: 'budget', guard: true }
  try {
    const url = `https://billingbudgets.googleapis.com/v1/billingAccounts/${account}/budgets`
    const budgets = await list(context, url, 'budgets', z.object({ displayName: z.string().optional() }))
    const names = budgets.map((one) => one.displayName ?? 'one without a name')
    return names.length > 0
      ? { ...finding, ok: true, why: `there is ${names.join(', ')}` }
      : { ...finding, ok: false, why: 'nobody is told when money is spent', hint: './pipi account secure ggc' }
  } catch (error) {
    return { ...finding, ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}
