import type { Serving } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'

/** By host and artifact: what one answer weighs. */
const known = new WeakMap<Host, Map<string, number>>()

/** Bytes of one answer, by a real request to the first thing that serves an artifact; what serves the same is as heavy. */
export async function weightOf(host: Host, serving: Serving | undefined, url: string): Promise<number> {
  const weights = known.get(host) ?? new Map<string, number>()
  known.set(host, weights)
  const key = serving === undefined || serving.kind === 'alias' ? url : serving.zip
  const weight = weights.get(key)
  if (weight !== undefined) return weight
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  const { byteLength } = await response.arrayBuffer()
  if (response.ok) weights.set(key, byteLength)
  return byteLength
}
