import type {
  ApiCall,
  BilledAccount,
  BillLine,
  Records,
  SimulatedCloud,
  SimulatedResource,
  StoredResource,
  World,
} from '../../stacks/contract/sandbox.ts'

/** The middle of a month of 31 days. */
export const NOW = Date.UTC(2026, 9, 16, 12)
const MONTH = '2026-10'

/** A resource in a simulated cloud's inventory. */
export function stored(type: string, id: string, given: Partial<StoredResource> = {}): StoredResource {
  return { type, id, urn: '', inputs: {}, outputs: {}, createdAt: NOW - 3_600_000, usage: {}, ...given }
}

export function usage(requests: number, egressBytes: number, busyMs: number): StoredResource['usage'] {
  return { [MONTH]: { requests, egressBytes, busyMs } }
}

export function account(resources: StoredResource[]): BilledAccount {
  return { id: 'a', plan: 'p', resources, now: NOW }
}

/** Lines that cost something, as `item: amount` to a millionth. */
export function charged(lines: BillLine[]): Record<string, number> {
  return Object.fromEntries(
    lines.filter((line) => line.amount > 0).map((line) => [line.item, Number(line.amount.toFixed(6))]),
  )
}

/** A world that holds these resources, for asking a resource type directly. */
export function worldWith(cloud: SimulatedCloud, resources: StoredResource[] = [], region = 'us-central1'): World {
  let count = 0
  const kept = new Map<string, Map<string, unknown>>()
  return {
    cloudAccount: cloud.engine === 'aws' ? '412908557311' : 'account',
    region,
    api: '',
    now: () => NOW,
    hex: (length) => `${++count}`.padStart(length, 'a').slice(-length),
    metered: async () => resources.map((one) => ({ ...one, days: {} })),
    list: async (type) => resources.filter((one) => type === undefined || one.type === type),
    records: (type, id) => recordsIn(kept, `${type} ${id}`),
    count: async () => undefined,
    stores: async () => undefined,
    keep: async () => 'digest',
    kept: async () => undefined,
  }
}

function recordsIn(kept: Map<string, Map<string, unknown>>, place: string): Records {
  const here = kept.get(place) ?? new Map<string, unknown>()
  kept.set(place, here)
  return {
    get: async (key) => here.get(key) as never,
    put: async (key, value) => void here.set(key, value),
    delete: async (key) => here.delete(key),
    list: async (prefix = '') =>
      [...here]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value: value as never })),
    add: async (key, by) => void here.set(key, Number(here.get(key) ?? 0) + by),
  }
}

export function typeOf(cloud: SimulatedCloud, type: string): SimulatedResource {
  const resource = cloud.resources[type]
  if (resource === undefined) throw new Error(`${cloud.engine} simulates no ${type}`)
  return resource
}

/** A call of a platform's API as the sandbox hands it on. */
export function call(method: string, url: string, given: Partial<ApiCall> = {}): ApiCall {
  const { host, pathname, searchParams } = new URL(url)
  return {
    method,
    host,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: {},
    body: undefined,
    ...given,
  }
}
