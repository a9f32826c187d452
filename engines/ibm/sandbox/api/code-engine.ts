import type { ApiCall, ApiReply, ApiWorld, Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { keptCode } from '../code-engine.ts'
import { Refusal } from '../refusal.ts'
import { FUNCTION, PROJECT, SECRET } from '../types.ts'

/** 100 KB, including what base64 adds. */
const MOST_CODE = 100_000

/** Code Engine's API, version 2, of one region. */
export async function codeEngine(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  const region = call.host.split('.')[1] ?? ''
  const [, guid, kind, name] =
    /^\/v2\/projects(?:\/([^/]+))?(?:\/(functions|secrets|apps))?(?:\/([^/]+))?$/.exec(call.path) ?? []
  const urn = call.headers['x-correlation-id']
  const body = (typeof call.body === 'object' && call.body !== null ? call.body : {}) as Json
  if (!/^\/v2\/projects(\/|$)/.test(call.path)) return undefined
  if (guid === undefined) {
    if (call.method === 'GET') return page(call, 'projects', await projectsOf(region, world))
    return made(shownProject(await world.make(PROJECT, { name: body.name, region }, urn)), 202)
  }
  const project = `${region}/${guid}`
  const found = (await world.list(PROJECT)).find((one) => one.id === project)
  if (found === undefined) throw new Refusal(404, 'project_not_found', `there is no project ${guid}`)
  if (kind === undefined) {
    if (call.method === 'GET') return ok(shownProject(found))
    if (call.method === 'DELETE') {
      // What lies in a project goes with it.
      for (const one of await world.list()) if (one.inputs.project === project) await world.remove(one.type, one.id)
      return remove(PROJECT, project, world)
    }
    return undefined
  }
  // Nobody makes one here: it would need an image.
  if (kind === 'apps') return call.method === 'GET' && name === undefined ? page(call, kind, []) : undefined
  const type = kind === 'functions' ? FUNCTION : SECRET
  const shown = (one: StoredResource) => (type === FUNCTION ? shownFunction(one, world) : shownSecret(one))
  const inputs = async (old: Json = {}) =>
    type === FUNCTION
      ? functionInputs(project, body, old, world)
      : { project, name: body.name ?? name, data: body.data }
  if (name === undefined) {
    if (call.method === 'POST') return made(await shown(await world.make(type, await inputs(), urn)), 201)
    const all = (await world.list(type)).filter((one) => one.inputs.project === project)
    return call.method === 'GET' ? page(call, kind, await Promise.all(all.map(shown))) : undefined
  }
  const id = `${project}/${name}`
  const one = (await world.list(type)).find((each) => each.id === id)
  if (one === undefined) throw new Refusal(404, 'resource_not_found', `there is no ${name} in ${kind}`)
  if (call.method === 'GET') return ok(await shown(one))
  if (call.method === 'DELETE') return remove(type, id, world)
  if (call.headers['if-match'] !== one.outputs.entity_tag)
    throw new Refusal(412, 'precondition_failed', 'If-Match does not match the entity_tag of the resource')
  return ok(await shown(await world.change(type, id, await inputs(one.inputs))))
}

async function projectsOf(region: string, world: ApiWorld): Promise<Json[]> {
  return (await world.list(PROJECT)).filter((one) => one.inputs.region === region).map(shownProject)
}

function shownProject({ inputs, outputs }: StoredResource): Json {
  const { guid, created_at } = outputs
  return { id: guid, ...inputs, created_at, resource_type: 'project_v2', status: 'active' }
}

function shownSecret({ inputs, outputs }: StoredResource): Json {
  return { name: inputs.name, format: 'generic', data: inputs.data, entity_tag: outputs.entity_tag }
}

async function shownFunction({ inputs, outputs }: StoredResource, world: ApiWorld): Promise<Json> {
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
async function functionInputs(project: string, body: Json, old: Json, world: ApiWorld): Promise<Json> {
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

async function remove(type: string, id: string, world: ApiWorld): Promise<ApiReply> {
  await world.remove(type, id)
  return { status: 202, body: {} }
}

function ok(body: Json): ApiReply {
  return { status: 200, body }
}

function made(body: Json, status: number): ApiReply {
  return { status, body }
}

function page({ query }: ApiCall, key: string, all: Json[]): ApiReply {
  const [limit, start] = [Number(query.limit ?? 100), Number(query.start ?? 0)]
  const next = start + limit < all.length ? { next: { start: String(start + limit) } } : {}
  return ok({ [key]: all.slice(start, start + limit), limit, ...next })
}
