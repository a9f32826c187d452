import { present } from './deployment.ts'
import type { Database } from './open.ts'
import type { After } from './story.ts'

export interface JournalRecord {
  seq: number
  /** ISO 8601. */
  at: string
  account?: string
  workspace?: string
  deployment?: string
  actor: string
  /** `deployment.<status>`, `deployment.waiting`, `meter.over`… */
  event: string
  data: Record<string, unknown>
}

/** The journal of one account after a number, oldest first. A reader that keeps its last number misses nothing. */
export async function journalAfter(
  db: Database,
  { account, deployment, after, limit }: After,
): Promise<JournalRecord[]> {
  const rows = await db.query(
    `select seq, at, account, workspace, deployment, actor, event, data from pipi.journal
     where account = $1 and ($2::text is null or deployment = $2) and seq > $3 order by seq limit $4`,
    [account, deployment ?? null, after, Math.min(limit ?? 500, 2000)],
  )
  return rows.map((row) => ({ ...present(row), at: (row.at as Date).toISOString() }) as JournalRecord)
}

/** The newest number given so far: where a watcher that wants only news begins. */
export async function newestSeq(db: Database): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    'select greatest(coalesce((select max(seq) from pipi.journal), 0), coalesce((select max(seq) from pipi.story), 0)) as seq',
  )
  return row?.seq ?? 0
}
