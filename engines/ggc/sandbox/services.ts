import type { Json, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { layoutOf } from '../../parts/sandbox/registry.ts'
import { OWN } from '../own-types.ts'
import { projectOf } from './identify.ts'
import { REGIONS } from './regions.ts'
import { FUNCTION, INVOKER, idOf, SERVICE } from './run-names.ts'
import { LABELS, labelled, section, text } from './values.ts'

const RESERVED = new Set(['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION'])
const MEMORY = /^(\d+)(Mi|Gi|M|G)$/

/** Services of Cloud Run, each of an image that lies in Artifact Registry. */
export const services: Record<string, SimulatedResource> = {
  [SERVICE]: {
    replaceOn: ['name', 'location', 'project'],
    deleteBeforeReplace: true,
    tagProperty: 'labels',
    secretOutputs: LABELS,
    unique: (inputs) => ({
      name: `${text(inputs, 'location')}/${text(inputs, 'name')}`,
      taken: `Error creating Service: googleapi: Error 409: Resource '${text(inputs, 'name')}' already exists.`,
    }),
    importId: (id, world) => {
      const [, location, name] = /^([^/ ]+)\/([^/ ]+)$/.exec(id) ?? []
      return location === undefined ? id : idOf(world, 'services', location, name ?? '')
    },
    check: async (inputs) => ({ inputs: { deletionProtection: true, ...inputs }, failures: failuresOf(inputs) }),
    async create(inputs, world) {
      const location = text(inputs, 'location') ?? world.region
      const name = text(inputs, 'name') ?? `service-${world.hex(7)}`
      if ((await world.list(FUNCTION)).some((one) => one.id === idOf(world, 'functions', location, name)))
        throw new Error(`Error creating Service: googleapi: Error 409: Resource '${name}' already exists.`)
      return { id: idOf(world, 'services', location, name), ...(await revision({ location, name }, inputs, world)) }
    },
    update: (_id, inputs, old, world) =>
      revision({ location: String(old.outputs.location), name: String(old.outputs.name) }, inputs, world),
    async delete({ id, inputs }) {
      if (inputs.deletionProtection !== false)
        throw new Error(`cannot destroy service ${id} without setting deletion_protection=false`)
    },
  },
}

export function containersOf(inputs: Json): Json[] {
  const { containers } = section(inputs, 'template')
  return Array.isArray(containers) ? (containers as Json[]) : []
}

function failuresOf(inputs: Json): { property: string; reason: string }[] {
  const failures: { property: string; reason: string }[] = []
  const fail = (property: string, words: string): void => {
    failures.push({ property, reason: `googleapi: Error 400: ${words}` })
  }
  const [location, name] = [text(inputs, 'location'), text(inputs, 'name')]
  if (location !== undefined && !REGIONS.has(location)) fail('location', `Location ${location} is not found`)
  if (name !== undefined && !/^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/.test(name))
    fail('name', `Invalid service name ${name}`)
  const atOnce = Number(section(inputs, 'template').maxInstanceRequestConcurrency ?? 80)
  for (const container of containersOf(inputs)) {
    const limits = section(section(container, 'resources'), 'limits')
    const [, number = '512', unit = 'Mi'] = MEMORY.exec(text(limits, 'memory') ?? '512Mi') ?? []
    const mib = Number(number) * (unit.startsWith('G') ? 1024 : 1)
    const cpu = Number(text(limits, 'cpu') ?? 1)
    if (!MEMORY.test(text(limits, 'memory') ?? '512Mi')) fail('template', `Invalid memory '${text(limits, 'memory')}'`)
    else if (cpu < 1 && atOnce > 1) fail('template', 'Total cpu < 1 is not supported with concurrency > 1')
    else if (cpu < 1 && section(container, 'resources').cpuIdle !== true)
      fail('template', 'Total cpu < 1 is not supported with cpu-throttling disabled')
    else if (!(cpu >= 0.08) || (mib > 512 && cpu < 0.5) || (mib > 1024 && cpu < 1) || (mib > 4096 && cpu < 2))
      fail('template', `Invalid value specified for cpu: ${cpu} is too little for ${mib} MiB of memory`)
    const reserved = environmentOf(container).filter(([key]) => RESERVED.has(key))
    if (reserved.length > 0)
      fail('template', `The following reserved env names were provided: ${reserved.map(([key]) => key).join(', ')}`)
  }
  return failures
}

function environmentOf(container: Json): [string, string][] {
  const envs = Array.isArray(container.envs) ? (container.envs as Json[]) : []
  return envs.map((one) => [String(one.name), String(one.value ?? '')])
}

/** The revision that answers from now on: it fails for an image that is not there. */
async function revision(
  { location, name }: { location: string; name: string },
  inputs: Json,
  world: World,
): Promise<{ outputs: Json; serve: Serving }> {
  const template = section(inputs, 'template')
  const [container = {}] = containersOf(inputs)
  const image = text(container, 'image') ?? ''
  const layout = await layoutOf(world, OWN.image, image)
  if (layout === undefined)
    throw new Error(`Error waiting to create Service: Error code 5, message: Image '${image}' not found.`)
  const project = projectOf(world.cloudAccount)
  const revisionName = `${name}-00001-${world.hex(3)}`
  const uri = `https://${name}-${world.hex(10)}-uc.a.run.app`
  const health = text(section(section(container, 'startupProbe'), 'httpGet'), 'path')
  return {
    outputs: {
      ...inputs,
      ...labelled(inputs),
      name,
      location,
      project,
      uri,
      latestReadyRevision: `${idOf(world, 'services', location, name)}/revisions/${revisionName}`,
      updateTime: new Date(world.now()).toISOString(),
    },
    serve: {
      kind: 'handler',
      zip: layout.kept,
      adapter: new URL('./run-service.ts', import.meta.url).href,
      options: {
        project,
        email: text(template, 'serviceAccount') ?? `412907000000-compute@developer.${project}`,
        ...(health === undefined ? {} : { health }),
      },
      environment: {
        ...Object.fromEntries(environmentOf(container)),
        K_SERVICE: name,
        K_REVISION: revisionName,
        K_CONFIGURATION: name,
      },
      timeoutMs: 1000 * Number.parseInt(text(template, 'timeout') ?? '300s', 10),
      urlOutput: 'uri',
      openedBy: { type: INVOKER, inputs: { name, location, member: 'allUsers' } },
      ...(text(inputs, 'ingress') === 'INGRESS_TRAFFIC_INTERNAL_ONLY'
        ? { shut: { status: 404, text: 'Page not found' } }
        : {}),
    },
  }
}
