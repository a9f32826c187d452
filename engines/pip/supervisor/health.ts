import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { Instance } from './instance.ts'
import type { Times } from './times.ts'

/** The same as in child/function.mjs. */
const FUNCTION_HEALTH = '/.well-known/pipi-health'
const BETWEEN_MS = 20
/** Bad looks in a row. */
const UNHEALTHY = 3

/**
 * Resolves when a process answers its health path with 2xx. Throws `verify.failed` with its last lines
 * when it ends before, or is not healthy in time.
 */
export async function becomeHealthy(instance: Instance, times: Times, signal: AbortSignal): Promise<void> {
  const health = healthPath(instance)
  const patience = performance.now() + times.healthy
  let answer = 'no answer'
  let ending: string | undefined
  instance.ended.then((how) => {
    ending = how
  })
  while (ending === undefined) {
    signal.throwIfAborted()
    answer = await askHealth(instance.port, health, times.answer)
    if (answer === 'healthy') return
    if (performance.now() > patience) {
      throw unhealthy(
        `${instance.spec.name} did not answer ${health} in ${times.healthy / 1000} seconds; last: ${answer}`,
        instance,
      )
    }
    await Promise.race([delay(BETWEEN_MS), instance.ended])
  }
  throw unhealthy(`${instance.spec.name} ${ending} before it was healthy`, instance)
}

/** Ends what no longer answers, so that it is started again: then says so. Otherwise ends quietly with the instance. */
export async function lookAfter(instance: Instance, times: Times, relieved: AbortSignal): Promise<string | undefined> {
  const over = new AbortController()
  void instance.ended.then(() => over.abort())
  const signal = AbortSignal.any([over.signal, relieved])
  const path = healthPath(instance)
  let bad = 0
  while (!signal.aborted) {
    await delay(times.look, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    bad = (await askHealth(instance.port, path, times.answer)) === 'healthy' ? 0 : bad + 1
    if (bad < UNHEALTHY || signal.aborted) continue
    await instance.stop(0)
    return `did not answer ${path} ${UNHEALTHY} times in a row`
  }
  return undefined
}

/** A function is asked by a path that only its server knows: each call of its own would be work that nobody asked for. */
function healthPath({ spec }: Instance): string {
  return spec.runtime === 'function' ? FUNCTION_HEALTH : spec.health
}

/** `healthy`, or what was answered instead. */
function askHealth(port: number, path: string, timeMs: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: timeMs, agent: false }, (response) => {
      response.resume()
      const { statusCode = 0 } = response
      resolve(statusCode >= 200 && statusCode < 300 ? 'healthy' : `status ${statusCode}`)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeMs / 1000} seconds`)))
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

function unhealthy(message: string, instance: Instance): PipiError {
  return new PipiError('verify.failed', message, {
    hint: 'It has to listen on the port in PORT and answer its health path with 2xx. Its last lines tell more. A Node program may read its own folder, write to HOME, TMPDIR and its stores, and start no other program.',
    data: { lines: instance.lastLines() },
  })
}
