import { PipiError } from '../../../catalog/errors.ts'
import type { Intent } from '../../contract/intents.ts'
import type { Guard } from '../guard.ts'
import { initFailedId } from './init-failed.ts'

/**
 * Writes the intent, does it, writes the outcome. A stale lease stops before anything happened. When the outcome is
 * not known (the connection broke) the intent stays open, and what it holds stays held until the platform was asked.
 */
export async function withIntent<Response>(
  guard: Guard,
  intent: Intent,
  act: () => Promise<Response>,
  idOf: (response: Response) => string,
  /** After a failure: whether it may have happened all the same. */
  mayExist: () => Promise<boolean> = async () => false,
): Promise<Response> {
  const { intents } = guard.options
  let written: string
  try {
    written = await intents.begin(intent)
  } catch (error) {
    const cause = PipiError.from(error)
    return guard.refuse(
      cause.code,
      intent.urn,
      cause.message,
      cause.hint ?? 'another engine has taken over; it goes on from here',
    )
  }
  let response: Response
  try {
    response = await act()
  } catch (error) {
    const failed = initFailedId(error)
    if (isUncertain(error) || (failed.id === undefined && (await mayExist()))) throw error
    await intents.end(written, { kind: 'failed', message: messageOf(error), ...failed })
    throw error
  }
  await intents.end(written, { kind: 'done', id: idOf(response) })
  return response
}

/** gRPC: CANCELLED, UNKNOWN without details, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE: it may have happened. */
const UNCERTAIN = new Set([1, 4, 13, 14])

function isUncertain(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && UNCERTAIN.has(Number(error.code))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 2000) : String(error).slice(0, 2000)
}
