import { setTimeout as pause } from 'node:timers/promises'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { PipiError } from '../../catalog/errors.ts'
import type { Client } from './client.ts'

export interface PlatformEvent {
  name: string
  data: Record<string, unknown>
}

/** Milliseconds between two tries to connect again; grows to the last. */
const PAUSES = [200, 500, 1000, 2000, 5000]
/** How long a platform may be away before following gives up. It restarts in seconds. */
const PATIENCE_MS = 120_000

/**
 * Server-sent events of one path, for ever: a broken connection is taken up again after the last event seen, so that
 * nothing is missed. Yields `{name: 'connected'}` after each (re)connection. Ends when `signal` is aborted.
 */
export async function* events(client: Client, path: string, signal: AbortSignal): AsyncGenerator<PlatformEvent> {
  let last: string | undefined
  let tries = 0
  let awaySince: number | undefined
  while (!signal.aborted) {
    try {
      const body = await client.stream(path, last === undefined ? {} : { 'last-event-id': last }, signal)
      tries = 0
      awaySince = undefined
      yield { name: 'connected', data: {} }
      for await (const message of messagesOf(body)) {
        if (message.id !== undefined) last = message.id
        yield { name: message.event ?? 'message', data: objectOf(message.data) }
      }
    } catch (error) {
      if (signal.aborted) return
      // The platform's own verdict (not found, not allowed) will not change by asking again.
      if (error instanceof PipiError && error.code !== 'platform.unreachable') throw error
      awaySince ??= Date.now()
      if (Date.now() - awaySince > PATIENCE_MS) throw PipiError.from(error, 'platform.unreachable')
    }
    const wait = PAUSES[Math.min(tries++, PAUSES.length - 1)]
    await pause(wait, undefined, { signal }).catch(() => undefined)
  }
}

async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  const ready: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => ready.push(message) })
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* ready.splice(0)
  }
}

function objectOf(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { value }
  } catch {
    return { text: data }
  }
}
