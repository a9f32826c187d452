import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { PartialFailure, type Values } from '../../../../stacks/contract/provider.ts'
import { gigabytesOf } from '../../sizes.ts'
import type { IbmCloud } from '../cloud.ts'
import { codeEngine, partsOf } from '../code-engine.ts'
import { type Read, resourceType } from '../resource-type.ts'

const inputs = z.strictObject({
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
type Inputs = z.output<typeof inputs>

const functionSchema = z.looseObject({
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
type Found = z.infer<typeof functionSchema>

const MARK = 'PIPI_CONFIGURATION'

/** A function with its code inline and an address of its own. Its id is `<region>/<project>/<name>`. */
export const fn = resourceType({
  inputs,
  replaces: ['project', 'name'],
  local: ['source'],
  gives: ['url'],
  withinMs: 300_000,
  async create(given, cloud, urn) {
    const { project, name } = given
    const id = `${project}/${name}`
    const body = { name, ...(await bodyOf(given)) }
    await cloud.make({ method: 'POST', url: codeEngine(project, '/functions'), body, urn }, () => find(cloud, id))
    return { id, outputs: await ready(cloud, id, given) }
  },
  async read(id, cloud, known) {
    const found = await find(cloud, id)
    return found && shown(id, found, known?.source)
  },
  async update(id, given, cloud, urn) {
    const found = await find(cloud, id)
    if (found === undefined) throw new Error(`there is no function ${id} any more`)
    const url = codeEngine(given.project, `/functions/${given.name}`)
    const headers = { 'if-match': found.entity_tag, 'content-type': 'application/merge-patch+json' }
    await cloud.ask({ method: 'PATCH', url, body: await bodyOf(given), headers, urn })
    return ready(cloud, id, given)
  },
  async remove(id, cloud, urn) {
    const { project, name } = partsOf(id)
    await cloud.ask({ method: 'DELETE', url: codeEngine(project, `/functions/${name}`), urn })
    await cloud.until(`the removal of function ${name}`, async () =>
      (await find(cloud, id)) === undefined ? true : undefined,
    )
  },
})

async function find(cloud: IbmCloud, id: string): Promise<Found | undefined> {
  const { project, name } = partsOf(id)
  const found = await cloud.ask({ method: 'GET', url: codeEngine(project, `/functions/${name}`) })
  return found && functionSchema.parse(found)
}

async function bodyOf(given: Inputs): Promise<Record<string, unknown>> {
  const code = await readFile(given.source)
  if (createHash('sha256').update(code).digest('hex') !== given.digest)
    throw new Error(`the module of function ${given.name} at ${given.source} is not the one that was packed`)
  const { secret, configuration } = given
  return {
    runtime: given.runtime,
    code_reference: `data:text/plain;base64,${code.toString('base64')}`,
    code_main: 'main',
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

/** Waits until what was asked for answers. It exists by then, so what fails keeps its id. */
async function ready(cloud: IbmCloud, id: string, given: Inputs): Promise<Values> {
  try {
    const found = await cloud.until(`the deployment of function ${given.name}`, async () => {
      const one = await find(cloud, id)
      const reason = one?.status_details?.reason
      if (one?.status === 'failed' || reason === 'ready_last_update_failed')
        throw new Error(`function ${given.name} was not deployed: ${reason ?? one?.status}`)
      const settled = one?.status === 'ready' && reason !== 'ready_update_in_progress'
      return settled || one?.status === 'offline' ? one : undefined
    })
    return shown(id, found, given.source).outputs
  } catch (error) {
    throw new PartialFailure(error instanceof Error ? error.message : String(error), id, { ...given, url: '' })
  }
}

function shown(id: string, found: Found, source: unknown): Read {
  const { project, name } = partsOf(id)
  const code = Buffer.from(found.code_reference.replace(/^data:[^,]*,/, ''), 'base64')
  const variables = found.run_env_variables
  const secret = variables.find((one) => one.type === 'secret_full_reference')?.reference
  const configuration = variables.find((one) => one.name === MARK)?.value
  const values = {
    project,
    name,
    runtime: found.runtime,
    ...(typeof source === 'string' ? { source } : {}),
    digest: createHash('sha256').update(code).digest('hex'),
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
