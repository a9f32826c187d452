import type { ApiCall, ApiReply, ApiWorld, Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { Refusal } from '../refusal.ts'
import { APP, FUNCTION, PROJECT, SECRET } from '../types.ts'
import { appInputs, shownApp } from './apps.ts'
import { functionInputs, shownFunction } from './functions.ts'

/** One kind of what lies in a project: how it is shown, and what a body makes of it. */
interface Kind {
  type: string
  shown(one: StoredResource, world: ApiWorld): Json | Promise<Json>
  inputs(given: { project: string; body: Json; old: Json | undefined; world: ApiWorld }): Json | Promise<Json>
}

const KINDS: Record<string, Kind> = {
  functions: {
    type: FUNCTION,
    shown: shownFunction,
    inputs: ({ project, body, old = {}, world }) => functionInputs(project, body, old, world),
  },
  apps: { type: APP, shown: shownApp, inputs: ({ project, body, old }) => appInputs(project, body, old) },
  secrets: {
    type: SECRET,
    shown: shownSecret,
    inputs: ({ project, body, old }) => ({
      project,
      name: body.name,
      format: body.format ?? old?.format ?? 'generic',
      data: body.data,
    }),
  },
}

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
  const { type, shown, inputs } = KINDS[kind] as Kind
  const asked = (old?: Json) => inputs({ project, body: name === undefined ? body : { ...body, name }, old, world })
  if (name === undefined) {
    if (call.method === 'POST') return made(await shown(await world.make(type, await asked(), urn), world), 201)
    const all = (await world.list(type)).filter((one) => one.inputs.project === project)
    return call.method === 'GET' ? page(call, kind, await Promise.all(all.map((one) => shown(one, world)))) : undefined
  }
  const id = `${project}/${name}`
  const one = (await world.list(type)).find((each) => each.id === id)
  if (one === undefined) throw new Refusal(404, 'resource_not_found', `there is no ${name} in ${kind}`)
  if (call.method === 'GET') return ok(await shown(one, world))
  if (call.method === 'DELETE') return remove(type, id, world)
  if (call.headers['if-match'] !== one.outputs.entity_tag)
    throw new Refusal(412, 'precondition_failed', 'If-Match does not match the entity_tag of the resource')
  return ok(await shown(await world.change(type, id, await asked(one.inputs)), world))
}

async function projectsOf(region: string, world: ApiWorld): Promise<Json[]> {
  return (await world.list(PROJECT)).filter((one) => one.inputs.region === region).map(shownProject)
}

function shownProject({ inputs, outputs }: StoredResource): Json {
  const { guid, created_at } = outputs
  return { id: guid, ...inputs, created_at, resource_type: 'project_v2', status: 'active' }
}

function shownSecret({ inputs, outputs }: StoredResource): Json {
  return { name: inputs.name, format: inputs.format ?? 'generic', data: inputs.data, entity_tag: outputs.entity_tag }
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
