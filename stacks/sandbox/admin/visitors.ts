import { z } from 'zod'
import type { Serving } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { KeptResource } from '../inventory/resources.ts'
import { numberSource } from '../seed.ts'
import { weightOf } from './weight.ts'

/**
 * The witness' own visitors. To everything that is served: some real requests, and the rest of a month's traffic by
 * figures. Or, with `stacks`, to those stacks only, by figures alone: what comes to each in `ms` of the sandbox's time.
 */
export const visitorsSchema = z.strictObject({
  seed: z.string().min(1).max(100).default('visitors'),
  /** Real loopback requests to each address, at most. */
  requests: z.int().min(0).max(200).default(5),
  /** What a month brings to each address, at most; a seeded share of 50 to 100 % of it is counted. */
  monthly: z.int().min(0).max(1_000_000_000).default(10_000),
  /** Requests by stack; `most`: as many as the platform's own throttles let through. */
  stacks: z.record(z.string().max(100), z.union([z.int().min(0), z.literal('most')])).optional(),
  /** How long they come, milliseconds by the sandbox's clock. */
  ms: z
    .int()
    .min(1)
    .max(31 * 86_400_000)
    .default(3_600_000),
})
export type Visitors = z.infer<typeof visitorsSchema>

export interface Visit {
  url: string
  /** Of which stack it is; empty: of none that is known. */
  stack: string
  resource: string
  /** Real requests, and how many were answered below 400. */
  requests: number
  answered: number
  /** Requests counted by figures alone. */
  simulated: number
}

export async function visit(host: Host, asked: Visitors): Promise<{ visits: Visit[] }> {
  const visits: Visit[] = []
  for (const resource of await host.resources.serving()) {
    const output = resource.serving?.urlOutput
    const url = output === undefined ? undefined : resource.outputs[output]
    if (typeof url !== 'string') continue
    const random = numberSource(asked.seed, `${resource.type} ${resource.id}`)
    if (asked.stacks === undefined) visits.push(await knockAt(host, resource, url, asked, random))
    else {
      const wanted = asked.stacks[stackOf(resource)]
      if (wanted !== undefined) visits.push(await comeTo(host, resource, url, wanted, asked.ms, random))
    }
  }
  await host.usage.flush()
  return { visits }
}

async function knockAt(
  host: Host,
  resource: KeptResource,
  url: string,
  asked: Visitors,
  random: () => number,
): Promise<Visit> {
  const requests = asked.requests === 0 ? 0 : 1 + Math.floor(random() * asked.requests)
  const seen = await knock(url, requests)
  const simulated = Math.max(0, Math.round(asked.monthly * (0.5 + random() / 2)) - requests)
  // As heavy and as slow as the real ones were.
  const share = simulated / Math.max(1, requests)
  const counted = await host.servings.count(resource, {
    requests: simulated,
    egressBytes: Math.round(seen.bytes * share),
    busyMs: Math.round(seen.ms * share),
  })
  return {
    url,
    stack: stackOf(resource),
    resource: resource.id,
    requests,
    answered: seen.answered,
    simulated: Math.floor(simulated * counted),
  }
}

/** What a function takes for one answer, milliseconds: seeded, so that the same visitors cost the same. */
const SLOWEST_MS = 100
/** A static file has no throttle of its own at its platform: one reader who never pauses. */
const READER_PER_S = 10

async function comeTo(
  host: Host,
  resource: KeptResource,
  url: string,
  wanted: number | 'most',
  ms: number,
  random: () => number,
): Promise<Visit> {
  const serving = host.servings.servingOf(resource)
  const busy = serving?.kind === 'handler' ? 5 + random() * (SLOWEST_MS - 5) : 0
  const most = serving === undefined ? 0 : Math.floor((mostPerSecond(serving, busy) * ms) / 1000)
  const simulated = wanted === 'most' ? most : Math.min(wanted, most)
  const bytes = simulated === 0 ? 0 : await weightOf(host, serving, url)
  const traffic = {
    requests: simulated,
    egressBytes: Math.round(bytes * simulated),
    busyMs: Math.round(busy * simulated),
  }
  const counted = simulated === 0 ? 0 : await host.servings.count(resource, traffic)
  return {
    url,
    stack: stackOf(resource),
    resource: resource.id,
    requests: 0,
    answered: 0,
    simulated: Math.floor(simulated * counted),
  }
}

/** Ten a second for each copy that may run at once, and no more than the copies can answer. */
function mostPerSecond(serving: Serving, busyMs: number): number {
  if (serving.kind !== 'handler') return READER_PER_S
  const copies = serving.concurrency ?? 1
  return copies * Math.min(10, 1000 / busyMs)
}

/** `urn:pulumi:<stack>::…` */
function stackOf({ urn }: KeptResource): string {
  return urn.split('::')[0]?.split(':')[2] ?? ''
}

async function knock(url: string, requests: number): Promise<{ answered: number; bytes: number; ms: number }> {
  const seen = { answered: 0, bytes: 0, ms: 0 }
  for (let index = 0; index < requests; index += 1) {
    const began = performance.now()
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
      seen.bytes += (await response.arrayBuffer()).byteLength
      if (response.status < 400) seen.answered += 1
    } catch {
      // Counted as not answered, which is what a visitor would say.
    }
    seen.ms += performance.now() - began
  }
  return seen
}
