import { z } from 'zod'
import { statusSchema } from '../../factory/contract/status.ts'

/** Shapes of what the API answers. A field that is not named here is not sent. */

const amountSchema = z.object({
  meter: z.string(),
  scope: z.string(),
  amount: z.number(),
  bound: z.enum(['proven', 'watched', 'unbounded']),
  because: z.string(),
})

const refusalSchema = z.object({
  code: z.string(),
  resource: z.string().optional(),
  meter: z.string().optional(),
  unit: z.string().optional(),
  limit: z.number().optional(),
  held: z.number().optional(),
  asked: z.number().optional(),
  holders: z.array(z.object({ workspace: z.string(), resource: z.string(), amount: z.number() })).optional(),
  message: z.string(),
  hint: z.string(),
})

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  phase: z.string().optional(),
  lines: z.array(z.string()).optional(),
})

export const kindSchema = z.enum(['deploy', 'preview', 'refresh', 'rollback', 'destroy'])

export const deploymentSchema = z
  .object({
    id: z.string(),
    workspace: z.string().meta({ description: "The workspace's name" }),
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
    attempt: z.number(),
    cancelRequested: z.boolean(),
    clone: z.string().optional(),
    outputs: z.record(z.string(), z.unknown()),
    resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string(), demand: z.array(amountSchema) })),
    refusal: refusalSchema.optional(),
    error: errorSchema.optional(),
    timings: z.object({
      accepted: z.string(),
      assigned: z.string().optional(),
      started: z.string().optional(),
      finished: z.string().optional(),
    }),
  })
  .meta({ id: 'Deployment' })

export const storyLineSchema = z
  .object({
    seq: z.number(),
    at: z.string(),
    deployment: z.string(),
    phase: statusSchema,
    level: z.enum(['info', 'warn', 'error']),
    text: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'StoryLine' })

const problemDetailSchema = z.object({
  message: z.string(),
  path: z.string().optional(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  allowed: z.string().optional(),
})

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable code, see docs/errors.md' }),
    retryable: z.boolean(),
    hint: z.string().optional(),
    problems: z.array(problemDetailSchema).optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' })

/** Every route may answer with a problem; written once, for the OpenAPI document. */
export const problemResponse = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: problemSchema } },
}
