import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { Component } from '../../../engines/contract/manifest.ts'
import type { Carriage, Step } from '../carriage.ts'

/** How long a fresh release may take to answer, and one request of it, milliseconds. */
const PATIENCE_MS = 60_000
const REQUEST_MS = 15_000

/** A real request to everything that is reachable: an address that does not answer is no success. */
export const verify: Step = {
  name: 'verify',
  status: 'verifying',
  kinds: ['deploy', 'rollback', 'resume'],
  async run(carriage) {
    await Promise.all(carriage.order.manifest.components.map((component) => answers(carriage, component)))
  },
}

async function answers(carriage: Carriage, component: Component): Promise<void> {
  const base = urlOf(carriage.outputs?.[component.name])
  if (base === undefined) return
  const url = new URL(component.kind === 'service' ? component.health : '/', base)
  const until = performance.now() + PATIENCE_MS
  let last = 'no answer'
  for (let pause = 50; performance.now() < until && !carriage.signal.aborted; pause = Math.min(pause * 2, 2000)) {
    try {
      const response = await fetch(url, {
        signal: AbortSignal.any([carriage.signal, AbortSignal.timeout(REQUEST_MS)]),
        redirect: 'follow',
      })
      await response.body?.cancel()
      if (response.ok) {
        carriage.story.tell(`${component.name} answers ${response.status} at ${url}`, 'info', {
          component: component.name,
          url: String(url),
        })
        return
      }
      last = `it answered ${response.status}`
    } catch (error) {
      last =
        error instanceof Error
          ? `${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ''}`
          : String(error)
    }
    await delay(pause, undefined, { signal: carriage.signal }).catch(() => undefined)
  }
  if (carriage.signal.aborted) throw new PipiError('conflict.state', 'stopped on request')
  throw new PipiError('verify.failed', `${component.name} never became healthy at ${url}: ${last}`, {
    hint: 'look at the service\'s own log, and at "health" in the manifest',
    data: { url: String(url), component: component.name },
  })
}

function urlOf(output: unknown): string | undefined {
  const url = typeof output === 'object' && output !== null && 'url' in output ? output.url : undefined
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : undefined
}
