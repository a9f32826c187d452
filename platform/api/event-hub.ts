import { z } from 'zod'

/** One thing that watchers are told: a change of a deployment, or a line of its story. */
export interface WatchedEvent {
  /** Position in the journal's numbering, which also numbers the story. */
  seq: number
  name: 'status' | 'story' | 'journal'
  data: Record<string, unknown>
}

export interface EventFilter {
  account: string
  deployment?: string | undefined
}

export interface EventHub {
  /** Number of the newest event: for those who only want what comes. */
  latest(): Promise<number>
  /** What happened after `after`, then what happens, until aborted. Never misses one, never repeats one. */
  follow(filter: EventFilter, after: number, signal: AbortSignal): AsyncGenerator<WatchedEvent[]>
  close(): Promise<void>
}

export interface EventSource {
  latest(): Promise<number>
  /** In order; `more` when a limit cut it. */
  read(filter: EventFilter, after: number): Promise<{ events: WatchedEvent[]; more: boolean }>
  /** Calls back with each notification's payload. */
  listen(onNotify: (payload: string) => void): Promise<{ close(): Promise<void> }>
}

/** Looked at even when no notification came: one may be lost while the database restarts, milliseconds. */
const LOOK_AGAIN_MS = 5_000

const notificationSchema = z.object({ account: z.string().nullish(), deployment: z.string().nullish() })

/** One listener for all watchers; each is woken only by what concerns it, and then reads from where it was. */
export async function openEventHub(source: EventSource): Promise<EventHub> {
  const waiting = new Set<{ filter: EventFilter; wake: () => void }>()
  const listener = await source.listen((payload) => {
    const about = parse(payload)
    for (const one of waiting) if (concerns(about, one.filter)) one.wake()
  })

  async function* follow(filter: EventFilter, after: number, signal: AbortSignal): AsyncGenerator<WatchedEvent[]> {
    let seen = after
    while (!signal.aborted) {
      // Armed before reading: what happens while we read wakes us right after.
      const bell = arm(filter, signal)
      try {
        const { events, more } = await source.read(filter, seen)
        const last = events.at(-1)
        if (last) {
          seen = last.seq
          yield events
        }
        if (!more && !signal.aborted) await bell.rung
      } finally {
        bell.disarm()
      }
    }
  }

  function arm(filter: EventFilter, signal: AbortSignal): { rung: Promise<void>; disarm(): void } {
    const { promise: rung, resolve } = Promise.withResolvers<void>()
    const entry = { filter, wake: resolve }
    waiting.add(entry)
    const timer = setTimeout(resolve, LOOK_AGAIN_MS)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    return {
      rung,
      disarm() {
        waiting.delete(entry)
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      },
    }
  }

  return {
    latest: () => source.latest(),
    follow,
    async close() {
      for (const one of waiting) one.wake()
      await listener.close()
    },
  }
}

function parse(payload: string): z.infer<typeof notificationSchema> {
  try {
    return notificationSchema.parse(JSON.parse(payload))
  } catch {
    // Not ours or of a newer version: everybody looks.
    return {}
  }
}

function concerns(about: z.infer<typeof notificationSchema>, filter: EventFilter): boolean {
  if (about.account && about.account !== filter.account) return false
  return !about.deployment || filter.deployment === undefined || about.deployment === filter.deployment
}
