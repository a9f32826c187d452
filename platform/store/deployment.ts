import { z } from 'zod'
import type { ErrorCode } from '../../catalog/errors.ts'
import { statusSchema } from '../../factory/contract/status.ts'
import type { Refusal } from '../../factory/contract/truth.ts'

export const sourceOfOrderSchema = z.union([
  z.object({
    kind: z.literal('git'),
    url: z.string(),
    ref: z.string(),
    path: z.string(),
    commit: z.string().optional(),
    local: z.boolean(),
  }),
  z.object({ kind: z.literal('upload'), digest: z.string() }),
])

const amountSchema = z.object({
  meter: z.string(),
  scope: z.string(),
  amount: z.number(),
  bound: z.enum(['proven', 'watched', 'unbounded']),
  because: z.string(),
})

const errorSchema = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === 'string'),
  message: z.string(),
  hint: z.string().optional(),
  phase: z.string().optional(),
  lines: z.array(z.string()).optional(),
})

export const driftSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string(),
  what: z.enum(['gone', 'changed']),
  properties: z.array(
    z.object({
      path: z.string(),
      was: z.string().optional(),
      is: z.string().optional(),
      secret: z.boolean().optional(),
      declared: z.boolean(),
    }),
  ),
})

export const kindSchema = z.enum(['deploy', 'preview', 'refresh', 'rollback', 'destroy', 'suspend', 'resume', 'secure'])

/** A deployment as everybody outside sees it: the JSON of the API and the command line. Times are ISO 8601. */
export const deploymentSchema = z.object({
  id: z.string(),
  /** Its number in its workspace, from 1: what `rollback --to` goes by. */
  number: z.int(),
  /** Name of the workspace. */
  workspace: z.string(),
  workspaceId: z.string(),
  account: z.string(),
  kind: kindSchema,
  engine: z.string(),
  region: z.string(),
  cloudAccount: z.string(),
  status: statusSchema,
  waitingFor: z.string().optional(),
  commit: z.string().optional(),
  ref: z.string().optional(),
  attempt: z.int(),
  cancelRequested: z.boolean(),
  /** When what it makes is over and destroyed by itself; missing: it has no end. */
  endsAt: z.string().optional(),
  clone: z.string().optional(),
  /** A rollback: the number of the deployment that is wanted again. */
  goesBackTo: z.int().optional(),
  /** A refresh: what stands otherwise than it was deployed, and whether that was set back. */
  drift: z.object({ found: z.array(driftSchema), repaired: z.boolean() }).optional(),
  /** Where `engine: auto` chose: why it was this one, and why not the others. */
  choice: z
    .array(z.object({ engine: z.string(), name: z.string(), could: z.boolean(), reason: z.string() }))
    .optional(),
  outputs: z.record(z.string(), z.unknown()),
  resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string(), demand: z.array(amountSchema) })),
  refusal: z.custom<Refusal>((value) => typeof value === 'object' && value !== null).optional(),
  error: errorSchema.optional(),
  timings: z.object({
    accepted: z.string(),
    assigned: z.string().optional(),
    started: z.string().optional(),
    finished: z.string().optional(),
  }),
})
export type Deployment = z.infer<typeof deploymentSchema>

/** What the readers select: `from pipi.deployments d join pipi.workspaces w on w.id = d.workspace`. */
export const DEPLOYMENT_COLUMNS = `d.id, d.position::int as number, w.name as workspace, d.workspace as "workspaceId", d.account, d.kind, d.engine, d.region,
  d.cloud_account as "cloudAccount", d.status, d.waiting_for as "waitingFor", d.commit_sha as commit, d.ref, d.attempt,
  d.cancel_requested_at is not null as "cancelRequested", d.clone,
  (select g.position::int from pipi.deployments g where g.id = d.goes_back_to) as "goesBackTo", d.drift, d.choice, d.outputs, d.resources, d.refusal, d.error,
  d.accepted_at, d.assigned_at, d.started_at, d.finished_at, d.ends_at`

export type DeploymentRow = Record<string, unknown> & {
  accepted_at: Date
  assigned_at: Date | null
  started_at: Date | null
  finished_at: Date | null
  ends_at: Date | null
}

export function toDeployment(row: DeploymentRow): Deployment {
  const { accepted_at, assigned_at, started_at, finished_at, ends_at, ...rest } = row
  const timings = { accepted: accepted_at, assigned: assigned_at, started: started_at, finished: finished_at }
  const iso = (at: unknown) => (at as Date).toISOString()
  return deploymentSchema.parse({
    ...present(rest),
    ...present({ endsAt: ends_at }, iso),
    timings: present(timings, iso),
  })
}

/** Without what the database has no value for. */
export function present(
  row: Record<string, unknown>,
  as: (value: unknown) => unknown = (value) => value,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]) => (value === null || value === undefined ? [] : [[key, as(value)]])),
  )
}
