import pg from 'pg'
import { z } from 'zod'
import type { Database } from './open.ts'

/** What every insert into journal and story announces on the channel `pipi_journal`. */
export const newsSchema = z.object({
  seq: z.number(),
  kind: z.enum(['journal', 'story']),
  account: z.string().nullish(),
  workspace: z.string().nullish(),
  deployment: z.string().nullish(),
  event: z.string().nullish(),
})
export type News = z.infer<typeof newsSchema>

export const JOURNAL_CHANNEL = 'pipi_journal'
/** Announces every change of a clone's state: `{clone, engine, state}`. */
export const CLONES_CHANNEL = 'pipi_clones'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/**
 * Calls `heard` with the payload of every notification on a channel, over a connection of its own. A lost connection is
 * made anew; then, and at the beginning, `heard` is called with undefined: something may have been missed, look yourself.
 */
export async function listen(
  db: Pick<Database, 'url'>,
  channel: string,
  heard: (payload: string | undefined) => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: db.url,
      application_name: 'pipi-listen',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
    let lost = false
    const lose = () => {
      if (lost) return
      lost = true
      if (client === fresh) client = undefined
      fresh.end().catch(() => {})
      retry(FIRST_PAUSE_MS)
    }
    fresh.on('error', lose)
    fresh.on('end', lose)
    fresh.on('notification', (message) => {
      if (!closed) heard(message.payload ?? '')
    })
    try {
      await fresh.connect()
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      lost = true
      fresh.end().catch(() => {})
      throw error
    }
    if (closed) return fresh.end()
    client = fresh
    heard(undefined)
  }

  function retry(pause: number): void {
    if (closed) return
    timer = setTimeout(() => {
      connect().catch(() => retry(Math.min(pause * 2, LONGEST_PAUSE_MS)))
    }, pause)
  }

  await connect()
  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}

/** As `listen` on the journal's channel, read. */
export async function listenToJournal(
  db: Pick<Database, 'url'>,
  heard: (news: News | undefined) => void,
): Promise<{ close(): Promise<void> }> {
  return listen(db, JOURNAL_CHANNEL, (payload) =>
    heard(payload === undefined ? undefined : newsSchema.parse(JSON.parse(payload))),
  )
}
