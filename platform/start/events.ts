import { type EventHub, openEventHub, type WatchedEvent } from '../api/event-hub.ts'
import { journalAfter, newestSeq } from '../store/journal-after.ts'
import { JOURNAL_CHANNEL, listen } from '../store/listen.ts'
import type { Database } from '../store/open.ts'
import { story } from '../store/story.ts'

const PAGE = 500

/** Journal and story as one stream in the one numbering they share. */
export function eventsOf(db: Database): Promise<EventHub> {
  return openEventHub({
    latest: () => newestSeq(db),
    listen: (onNotify) => listen(db, JOURNAL_CHANNEL, (payload) => onNotify(payload ?? '')),
    async read({ account, deployment }, after) {
      // Two reads see two moments: what is newer than the first of them waits for the next round, or one could be missed.
      const newest = await newestSeq(db)
      if (newest <= after) return { events: [], more: false }
      const [records, lines] = await Promise.all([
        journalAfter(db, { account, deployment, after, limit: PAGE }),
        story(db, { account, deployment, after, limit: PAGE }),
      ])
      // A page that is full may end before the other: what lies beyond it is read next time.
      const end = Math.min(
        newest,
        records.length === PAGE ? (records.at(-1)?.seq ?? after) : Infinity,
        lines.length === PAGE ? (lines.at(-1)?.seq ?? after) : Infinity,
      )
      const events: WatchedEvent[] = [
        ...records.map(
          ({ data, ...record }): WatchedEvent => ({
            seq: record.seq,
            name: record.event.startsWith('deployment.') ? 'status' : 'journal',
            data: { ...data, ...record },
          }),
        ),
        ...lines.map((line): WatchedEvent => ({ seq: line.seq, name: 'story', data: { ...line } })),
      ]
      events.sort((a, b) => a.seq - b.seq)
      return { events: events.filter((event) => event.seq <= end), more: end < newest }
    },
  })
}
