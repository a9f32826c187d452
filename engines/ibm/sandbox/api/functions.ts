import type { ApiWorld, Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { keptCode } from '../code-engine.ts'
import { Refusal } from '../refusal.ts'

/** 100 KB, including what base64 adds. */
const MOST_CODE = 100_000

export async function shownFunction({ inputs, outputs }: StoredResource, world: ApiWorld): Promise<Json> {
  const code = await world.kept(String(inputs.code))
  const isPublic = inputs.visibility === 'public'
  return {
    name: inputs.name,
    entity_tag: outputs.entity_tag,
    status: isPublic ? 'ready' : 'offline',
    status_details: { reason: isPublic ? 'ready' : 'offline' },
    ...(isPublic ? { endpoint: outputs.endpoint } : {}),
    runtime: inputs.runtime,
    code_binary: false,
    code_main: 'main',
    code_reference: `data:text/plain;base64,${Buffer.from(code ?? []).toString('base64')}`,
    managed_domain_mappings: isPublic ? 'local_public' : 'local',
    run_env_variables: [
      ...(inputs.secret === undefined ? [] : [{ type: 'secret_full_reference', reference: inputs.secret }]),
      ...(inputs.configuration === undefined
        ? []
        : [{ type: 'literal', name: 'PIPI_CONFIGURATION', value: inputs.configuration }]),
    ],
    scale_concurrency: inputs.concurrency ?? 1,
    scale_cpu_limit: String(inputs.cpu),
    scale_memory_limit: `${String(inputs.memory)}G`,
    scale_max_execution_time: inputs.timeout,
    scale_down_delay: inputs.scaleDownDelay,
  }
}

/** A function's body as inputs: what a merge leaves out stays. */
export async function functionInputs(project: string, body: Json, old: Json, world: ApiWorld): Promise<Json> {
  const reference = String(body.code_reference ?? '')
  if (reference.length > MOST_CODE)
    throw new Refusal(413, 'code_too_large', `code is at most ${MOST_CODE} bytes inline`)
  const [, base64] = /^data:text\/plain;base64,(.*)$/.exec(reference) ?? []
  const bytes = Buffer.from(base64 ?? '', 'base64')
  const code = base64 === undefined ? { code: old.code, zip: old.zip } : await keptCode(bytes, world)
  const variables = (body.run_env_variables ?? []) as {
    type: string
    name?: string
    value?: string
    reference?: string
  }[]
  const secret = variables.find((one) => one.type === 'secret_full_reference')?.reference
  const configuration = variables.find((one) => one.type === 'literal')?.value
  const whole: Json = {
    project,
    name: body.name ?? old.name,
    runtime: body.runtime ?? old.runtime,
    ...code,
    cpu: Number(body.scale_cpu_limit ?? old.cpu ?? 1),
    memory: Number(String(body.scale_memory_limit ?? `${String(old.memory ?? 4)}G`).replace('G', '')),
    concurrency: body.scale_concurrency ?? old.concurrency ?? 1,
    timeout: body.scale_max_execution_time ?? old.timeout ?? 60,
    scaleDownDelay: body.scale_down_delay ?? old.scaleDownDelay ?? 1,
    visibility: (body.managed_domain_mappings ?? 'local_public') === 'local_public' ? 'public' : 'project',
  }
  return {
    ...whole,
    ...(secret === undefined ? {} : { secret }),
    ...(configuration === undefined ? {} : { configuration }),
  }
}
