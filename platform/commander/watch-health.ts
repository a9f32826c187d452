import { PipiError } from '../../catalog/errors.ts'
import type { Log } from '../log.ts'
import { type DueLook, type HealthDefaults, recordHealth, syncHealth, takeDueLooks } from '../store/health.ts'
import type { Database } from '../store/open.ts'

/** Looks at once, of all workspaces together. */
const AT_ONCE = 10
/** One look may take so long: what is slower is as good as not there, milliseconds. */
const LOOK_MS = 10_000

/**
 * One round: what is reachable is asked whether it is well, as often as its manifest or its engine says. It is looked at
 * and told, nothing is restarted by it: what runs on a cloud is the cloud's to keep up.
 */
export async function watchHealth(
  db: Database,
  log: Log,
  defaults: HealthDefaults,
  signal: AbortSignal,
): Promise<void> {
  await syncHealth(db, defaults)
  const due = await takeDueLooks(db, AT_ONCE)
  await Promise.all(
    due.map(async (look) => {
      const seen = await lookAt(look, signal)
      if (signal.aborted) return
      await recordHealth(db, look, seen).catch((error: unknown) => {
        log('warn', `the health of ${look.component} was not written down: ${PipiError.from(error).message}`)
      })
    }),
  )
}

async function lookAt({ url }: DueLook, signal: AbortSignal): Promise<{ well: boolean; detail: string }> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])
  const ask = async (method: 'HEAD' | 'GET') => {
    const response = await fetch(url, {
      method,
      signal: within,
      // Where it sends visitors is its own affair, and none of ours to go to.
      redirect: 'manual',
      headers: { 'user-agent': 'pipi-health' },
    })
    await response.body?.cancel()
    return response
  }
  try {
    // Without a body it is the least use; not every program knows it.
    const short = await ask('HEAD')
    const { status } = isWell(short.status) ? short : await ask('GET')
    return { well: isWell(status), detail: `it answered ${status}` }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const late = cause instanceof Error && cause.name === 'TimeoutError'
    return { well: false, detail: late ? `no answer within ${LOOK_MS / 1000} s` : wordsOf(cause) }
  }
}

function wordsOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message || cause.name : String(cause)).slice(0, 200)
}

function isWell(status: number): boolean {
  return status >= 200 && status < 400
}
