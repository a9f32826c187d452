import { z } from 'zod'
import type { Finding, WatchContext } from '../../contract/watch.ts'
import { callGet } from './call.ts'

const UPGRADE = 'freetier:UpgradeAccountPlan'
/** What every deployment does. */
const DEPLOYS = [
  'iam:CreateRole',
  'iam:PassRole',
  'lambda:CreateFunction',
  'lambda:CreateFunctionUrlConfig',
  'logs:CreateLogGroup',
]
const simulationSchema = z.object({
  SimulatePrincipalPolicyResponse: z.object({
    SimulatePrincipalPolicyResult: z.object({
      EvaluationResults: z.array(z.object({ EvalActionName: z.string(), EvalDecision: z.string() })),
    }),
  }),
})

/**
 * What these keys may do: whether they could turn a free account into one that pays, and whether they may deploy. Who may
 * not ask is told so; IAM's simulator knows nothing of conditions, so that nothing is refused for what it says.
 */
export async function rightsOf(context: WatchContext, arn: string | undefined): Promise<Finding[]> {
  const query = new URLSearchParams({
    Action: 'SimulatePrincipalPolicy',
    Version: '2010-05-08',
    // A session is asked about as the role that it is of.
    PolicySourceArn: (arn ?? '').replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2'),
  })
  for (const [at, action] of [UPGRADE, ...DEPLOYS].entries()) query.set(`ActionNames.member.${at + 1}`, action)
  try {
    const answer = await callGet(context, `https://iam.amazonaws.com/?${query}`, simulationSchema)
    const results = answer?.SimulatePrincipalPolicyResponse.SimulatePrincipalPolicyResult.EvaluationResults ?? []
    const decisions = new Map(results.map((one) => [one.EvalActionName, one.EvalDecision]))
    return [upgradeOf(decisions.get(UPGRADE) ?? 'not known'), deployOf(decisions)]
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return ['upgrade', 'rights'].map((what) => ({ what, guard: true, ok: false, why }))
  }
}

function upgradeOf(decision: string): Finding {
  const finding = { what: 'upgrade', guard: true }
  return decision.endsWith('Deny')
    ? { ...finding, ok: true, why: `${UPGRADE} is denied to these keys` }
    : { ...finding, ok: false, why: `${UPGRADE} is ${decision} to these keys`, hint: './pipi account secure aws' }
}

function deployOf(decisions: ReadonlyMap<string, string>): Finding {
  const finding = { what: 'rights', guard: true }
  const missing = DEPLOYS.filter((action) => decisions.get(action) !== 'allowed')
  if (missing.length === 0) return { ...finding, ok: true, why: `these keys may ${DEPLOYS.join(', ')}` }
  const hint =
    'what deployments need stands in guard-rails/boundary.ts; ./pipi account secure aws makes a user that has it'
  return { ...finding, ok: false, why: `these keys may not ${missing.join(', ')}`, hint }
}
