import { present } from './deployment.ts'
import { jsonb } from './jsonb.ts'
import type { Database, Queryable } from './open.ts'
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
  return rows.map(toRecord)
}

/** Every account's, for the commander. */
export async function wholeJournalAfter(db: Database, after: number, limit = 500): Promise<JournalRecord[]> {
  const rows = await db.query(
    'select seq, at, account, workspace, deployment, actor, event, data from pipi.journal where seq > $1 order by seq limit $2',
    [after, limit],
  )
  return rows.map(toRecord)
}

/** The newest number given so far: where a watcher that wants only news begins. */
export async function newestSeq(db: Database): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    'select greatest(coalesce((select max(seq) from pipi.journal), 0), coalesce((select max(seq) from pipi.story), 0)) as seq',
  )
  return row?.seq ?? 0
}

export async function writeJournal(
  db: Queryable,
  record: {
    account?: string
    workspace?: string
    deployment?: string
    actor: string
    event: string
    data?: Record<string, unknown>
  },
): Promise<number> {
  const [row] = await db.query<{ seq: number }>('select pipi.write_journal($1, $2, $3, $4, $5, $6) as seq', [
    record.account ?? null,
    record.workspace ?? null,
    record.deployment ?? null,
    record.actor,
    record.event,
    jsonb(record.data ?? {}),
  ])
  return row?.seq ?? 0
}

function toRecord(row: Record<string, unknown>): JournalRecord {
  return { ...present(row), at: (row.at as Date).toISOString() } as JournalRecord
}
