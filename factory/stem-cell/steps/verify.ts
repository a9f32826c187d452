import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { type Component, isBuilt } from '../../../engines/contract/component.ts'
import { type Carriage, onlyLooks, type Step, standsStill } from '../carriage.ts'

/** How long a fresh release may take to answer, and one request of it, milliseconds. */
const PATIENCE_MS = 60_000
const REQUEST_MS = 15_000

/** A real request to everything that is reachable: an address that does not answer is no success. */
export const verify: Step = {
  name: 'verify',
  status: 'verifying',
  kinds: ['deploy', 'rollback', 'resume', 'refresh'],
  skip: (carriage) => onlyLooks(carriage) || standsStill(carriage),
  async run(carriage) {
    await Promise.all(carriage.order.manifest.components.map((component) => answers(carriage, component)))
  },
}

async function answers(carriage: Carriage, component: Component): Promise<void> {
  const output = carriage.outputs?.[component.name]
  const base = urlOf(output)
  // A store's address answers those who may.
  if (base === undefined || !isBuilt(component)) return
  const url = new URL(`.${'health' in component ? component.health : '/'}`, base.endsWith('/') ? base : `${base}/`)
  const release = releaseOf(output)
  const until = performance.now() + (carriage.birth.engine.dna.healthyWithinMs ?? PATIENCE_MS)
  let last = 'no answer'
  for (let pause = 50; performance.now() < until && !carriage.signal.aborted; pause = Math.min(pause * 2, 2000)) {
    try {
      const response = await fetch(url, {
        signal: AbortSignal.any([carriage.signal, AbortSignal.timeout(REQUEST_MS)]),
        redirect: 'follow',
      })
      await response.body?.cancel()
      const answering = response.headers.get(RELEASE_HEADER)
      if (response.ok && (release === undefined || answering === release)) {
        carriage.story.tell(`${component.name} answers ${response.status} at ${url}`, 'info', {
          component: component.name,
          url: String(url),
        })
        return
      }
      last = response.ok ? 'the release before it still answers' : `it answered ${response.status}`
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

/** What answers on a machine that fetches its releases by itself says which one it is. */
const RELEASE_HEADER = 'pipi-release'

function releaseOf(output: unknown): string | undefined {
  const release = typeof output === 'object' && output !== null && 'release' in output ? output.release : undefined
  return typeof release === 'string' ? release : undefined
}

function urlOf(output: unknown): string | undefined {
  const url = typeof output === 'object' && output !== null && 'url' in output ? output.url : undefined
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : undefined
}
