import { z } from 'zod'
import type { Host } from '../host.ts'
import { numberSource } from '../seed.ts'

/** The witness' own visitors: some real requests to everything served, and the rest of a month's traffic by figures. */
export const visitorsSchema = z.strictObject({
  seed: z.string().min(1).max(100).default('visitors'),
  /** Real loopback requests to each address, at most. */
  requests: z.int().min(0).max(200).default(5),
  /** What a month brings to each address, at most; a seeded share of 50 to 100 % of it is counted. */
  monthly: z.int().min(0).max(1_000_000_000).default(10_000),
})
export type Visitors = z.infer<typeof visitorsSchema>

export interface Visit {
  url: string
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
    const requests = asked.requests === 0 ? 0 : 1 + Math.floor(random() * asked.requests)
    const seen = await knock(url, requests)
    const simulated = Math.max(0, Math.round(asked.monthly * (0.5 + random() / 2)) - requests)
    // As heavy and as slow as the real ones were.
    const share = simulated / Math.max(1, requests)
    const traffic = {
      requests: simulated,
      egressBytes: Math.round(seen.bytes * share),
      busyMs: Math.round(seen.ms * share),
    }
    host.servings.count(resource, traffic)
    visits.push({ url, resource: resource.id, requests, answered: seen.answered, simulated })
  }
  await host.usage.flush()
  return { visits }
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
