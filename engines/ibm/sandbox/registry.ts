import type { SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { imageResource } from '../../parts/sandbox/registry.ts'
import { Refusal } from './refusal.ts'
import { IMAGE, NAMESPACE } from './types.ts'

/** Each registry with the region that IAM knows it by. */
export const REGISTRIES: Record<string, string> = {
  'us.icr.io': 'us-south',
  'de.icr.io': 'eu-de',
  'uk.icr.io': 'eu-gb',
  'ca.icr.io': 'ca-tor',
  'jp.icr.io': 'jp-tok',
  'jp2.icr.io': 'jp-osa',
  'au.icr.io': 'au-syd',
  'br.icr.io': 'br-sao',
}
const MOST_NAMESPACES = 100
const MB = 1e6
/** Of the free plan, MB: what is stored, and what is pulled in a month. */
const FREE_MB = { storage: 512, traffic: 5120 }
/** What belongs to a registry as a whole, which is no resource. */
const WHOLE = 'ibm:registry/registry:Registry'

/** Container Registry: folders, and what is pushed into them. */
export const registryResources: Record<string, SimulatedResource> = {
  [NAMESPACE]: {
    replaceOn: ['registry', 'name'],
    unique: ({ registry, name }) => ({
      name: `${String(registry)}/${String(name)}`,
      taken: `AlreadyExists: the namespace "${String(name)}" is taken`,
    }),
    async create(inputs, world) {
      const { registry, name } = inputs
      if (REGISTRIES[String(registry)] === undefined)
        throw new Refusal(404, 'not_found', `there is no registry ${String(registry)}`)
      if (!/^[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]$/.test(String(name)))
        throw new Refusal(400, 'CRN0005E', `"${String(name)}" is no name of a namespace`)
      const there = (await world.list(NAMESPACE)).filter((one) => one.inputs.registry === registry)
      if (there.length >= MOST_NAMESPACES)
        throw new Refusal(403, 'CRN0006E', `a registry has at most ${MOST_NAMESPACES} namespaces`)
      return { id: `${String(registry)}/${String(name)}`, outputs: { ...inputs } }
    },
  },
  [IMAGE]: imageResource(),
}

interface Amounts {
  /** Bytes. */
  storage: number
  traffic: number
}

/** Where a registry stops: as its plan says until somebody sets it. */
export async function limitOf(world: World, host: string): Promise<Amounts> {
  const set = await world.records(WHOLE, host).get('limit')
  return {
    storage: Number(set?.storage ?? FREE_MB.storage * MB),
    traffic: Number(set?.traffic ?? FREE_MB.traffic * MB),
  }
}

/** `Free`, until its owner takes another one: there is no way back. */
export async function planOf(world: World, host: string): Promise<string> {
  return String((await world.records(WHOLE, host).get('plan'))?.plan ?? 'Free')
}

export async function takePlan(world: World, host: string, plan: unknown): Promise<void> {
  if (!/^standard$/i.test(String(plan))) throw new Refusal(400, 'CRN0104E', `the plan cannot become "${String(plan)}"`)
  await world.records(WHOLE, host).put('plan', { plan: 'Standard' })
}

/** In MB; -1 is no limit. A plan that is free has none that are wider than its own. */
export async function setLimit(
  world: World,
  host: string,
  given: { storage?: number; traffic?: number },
): Promise<void> {
  const before = await limitOf(world, host)
  for (const name of ['storage', 'traffic'] as const) {
    const most = given[name]
    if (most === undefined) continue
    if (most < 0 || most > FREE_MB[name])
      throw new Refusal(400, 'CRN0111E', `the free plan has at most ${FREE_MB[name]} MB of ${name}`)
    before[name] = most * MB
  }
  await world.records(WHOLE, host).put('limit', { ...before })
}

/** Layers that images share are counted once by IBM, and with each of them here. */
export async function usedOf(world: World, host: string): Promise<Amounts> {
  const images = (await world.list(IMAGE)).filter((one) => String(one.inputs.repository).startsWith(`${host}/`))
  const pulled = await world.records(WHOLE, host).get(monthOf(world))
  return { storage: images.reduce((sum, one) => sum + Number(one.inputs.bytes), 0), traffic: Number(pulled ?? 0) }
}

/** What somebody outside pulled. */
export async function countPull(world: World, host: string, bytes: number): Promise<void> {
  await world.records(WHOLE, host).add(monthOf(world), bytes)
}

function monthOf(world: World): string {
  return `pulled ${new Date(world.now()).toISOString().slice(0, 7)}`
}
