import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from '../faults.ts'

/**
 * Runs an effect with the fault that strikes it. The effect of a request that is under way happens whether or not
 * anybody waits for the answer, as at a real platform; only `gone` (the sandbox is stopping) ends the waiting. `later`
 * sees to it that the effect happens after the caller was told otherwise.
 */
export async function misbehave<T>(
  fault: Fault | undefined,
  effect: () => Promise<T>,
  given: { gone: AbortSignal; givenUp: AbortSignal; later(ms: number): Promise<void> },
): Promise<T> {
  if (fault === undefined) return effect()
  const wait = () => pause(fault.ms, undefined, { signal: given.gone })
  switch (fault.kind) {
    case 'throttle':
      throw new Error(fault.message ?? '429 TooManyRequests: rate exceeded, retry later')
    case 'latency': {
      if (fault.moment === 'before') await wait()
      const result = await effect()
      if (fault.moment === 'after') await wait()
      return result
    }
    case 'error': {
      if (fault.moment === 'after') await effect()
      throw new Error(fault.message ?? '500 InternalError: an internal error occurred')
    }
    case 'hang': {
      if (fault.moment === 'after') await effect()
      await never(AbortSignal.any([given.gone, given.givenUp]))
      throw new Error('the connection was closed before an answer came')
    }
    case 'late': {
      await given.later(fault.ms)
      throw new Error(fault.message ?? 'read: connection reset by peer')
    }
  }
}

function never(end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (end.aborted) resolve()
    else end.addEventListener('abort', () => resolve(), { once: true })
  })
}
