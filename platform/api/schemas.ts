import { z } from 'zod'
import { statusSchema } from '../../factory/contract/status.ts'
import { deploymentSchema as storedSchema } from '../store/deployment.ts'

/** Shapes of what the API answers. A field that is not named here is not sent. */

const refusalSchema = z.object({
  code: z.string(),
  resource: z.string().optional(),
  meter: z.string().optional(),
  unit: z.string().optional(),
  limit: z.number().optional(),
  held: z.number().optional(),
  asked: z.number().optional(),
  holders: z.array(z.object({ workspace: z.string(), resource: z.string(), amount: z.number() })).optional(),
  class: z.enum(['proven', 'watched', 'unbounded']).optional(),
  alternatives: z
    .array(z.object({ engine: z.string().optional(), region: z.string().optional(), what: z.string() }))
    .optional()
    .meta({ description: 'What would be free instead, as it stands when this is asked' }),
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

/** As the store reads it, with what an OpenAPI document can say of refusals and errors. */
export const deploymentSchema = storedSchema
  .extend({
    workspace: z.string().meta({ description: "The workspace's name" }),
    attempt: z.number(),
    number: z.number().meta({ description: 'Its number in its workspace: what a rollback goes by' }),
    goesBackTo: z.number().optional().meta({ description: 'A rollback: the number that is wanted again' }),
    refusal: refusalSchema.optional(),
    error: errorSchema.optional(),
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
