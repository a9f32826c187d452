import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { gigabytesOf } from '../sizes.ts'
import { partsOf } from './code-engine.ts'
import type { Read } from './resource-type.ts'

export const functionInputs = z.strictObject({
  project: z.string().min(1),
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  runtime: z.string().regex(/^nodejs-\d+$/),
  /** Path of the module on this machine, and sha256 of its bytes in hex. */
  source: z.string().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  cpu: z.number().positive(),
  /** Gigabytes. */
  memory: z.number().positive(),
  /** Seconds after which a call is ended. */
  timeout: z.int().min(1).max(120),
  /** Requests that one instance answers at once. */
  concurrency: z.int().min(1).max(100).default(1),
  /** Seconds that an instance is kept, and charged, after a call. */
  scaleDownDelay: z.int().min(0).max(600).default(1),
  visibility: z.enum(['public', 'project']).default('public'),
  /** Name of the secret that its environment is made of, and what tells that it changed. */
  secret: z.string().optional(),
  configuration: z.string().optional(),
})
export type FunctionInputs = z.output<typeof functionInputs>

export const functionSchema = z.looseObject({
  name: z.string(),
  entity_tag: z.string(),
  status: z.string().optional(),
  status_details: z.looseObject({ reason: z.string().optional() }).optional(),
  endpoint: z.string().optional(),
  runtime: z.string(),
  code_reference: z.string(),
  managed_domain_mappings: z.string().default('local_public'),
  run_env_variables: z
    .array(
      z.looseObject({
        type: z.string(),
        name: z.string().optional(),
        value: z.string().optional(),
        reference: z.string().optional(),
      }),
    )
    .default([]),
  scale_cpu_limit: z.string(),
  scale_memory_limit: z.string(),
  scale_concurrency: z.number().default(1),
  scale_max_execution_time: z.number(),
  scale_down_delay: z.number(),
})
export type FoundFunction = z.infer<typeof functionSchema>

const MARK = 'PIPI_CONFIGURATION'

/** The module that travels inside the request, as it was packed. */
export async function codeOf(given: FunctionInputs): Promise<Record<string, unknown>> {
  const code = await readFile(given.source)
  if (createHash('sha256').update(code).digest('hex') !== given.digest)
    throw new Error(`the module of function ${given.name} at ${given.source} is not the one that was packed`)
  return { code_reference: `data:text/plain;base64,${code.toString('base64')}`, code_main: 'main' }
}

/** sha256 of the code that a function has, hex. */
export function digestOf({ code_reference }: FoundFunction): string {
  const code = Buffer.from(code_reference.replace(/^data:[^,]*,/, ''), 'base64')
  return createHash('sha256').update(code).digest('hex')
}

export function settingsOf(given: FunctionInputs): Record<string, unknown> {
  const { secret, configuration } = given
  return {
    runtime: given.runtime,
    managed_domain_mappings: given.visibility === 'public' ? 'local_public' : 'local',
    run_env_variables: [
      ...(secret === undefined ? [] : [{ type: 'secret_full_reference', reference: secret }]),
      // A function takes what its secret holds when it is deployed: without a change of its own it never would.
      ...(configuration === undefined ? [] : [{ type: 'literal', name: MARK, value: configuration }]),
    ],
    scale_cpu_limit: String(given.cpu),
    scale_memory_limit: `${given.memory}G`,
    scale_concurrency: given.concurrency,
    scale_max_execution_time: given.timeout,
    scale_down_delay: given.scaleDownDelay,
  }
}

/** As inputs and outputs; `source` is where the code lies on this machine, which the platform does not know. */
export function shown(id: string, found: FoundFunction, source: unknown): Read {
  const { project, name } = partsOf(id)
  const variables = found.run_env_variables
  const secret = variables.find((one) => one.type === 'secret_full_reference')?.reference
  const configuration = variables.find((one) => one.name === MARK)?.value
  const values = {
    project,
    name,
    runtime: found.runtime,
    ...(typeof source === 'string' ? { source } : {}),
    digest: digestOf(found),
    cpu: Number(found.scale_cpu_limit),
    memory: gigabytesOf(found.scale_memory_limit),
    timeout: found.scale_max_execution_time,
    concurrency: found.scale_concurrency,
    scaleDownDelay: found.scale_down_delay,
    visibility: found.managed_domain_mappings === 'local_public' ? 'public' : 'project',
    ...(secret === undefined ? {} : { secret }),
    ...(configuration === undefined ? {} : { configuration }),
  }
  return { id, inputs: values, outputs: { ...values, url: found.endpoint ?? '' } }
}
