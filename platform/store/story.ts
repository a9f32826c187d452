import type { StoryLine } from '../../factory/contract/truth.ts'
import { present } from './deployment.ts'
import { jsonb } from './jsonb.ts'
import type { Database, Queryable } from './open.ts'

/** A story line as kept: numbered in the journal's numbering, `at` in ISO 8601. */
export interface KeptLine extends StoryLine {
  seq: number
  at: string
  deployment: string
}

export interface After {
  account: string
  /** One deployment's only. */
  deployment?: string | undefined
  /** What follows this number; 0: from the beginning. */
  after: number
  limit?: number | undefined
}

/** A deployment's story in its order, after a number. */
export async function story(db: Database, { account, deployment, after, limit }: After): Promise<KeptLine[]> {
  const rows = await db.query(
    `select seq, at, deployment, phase, level, text, data from pipi.story
     where account = $1 and ($2::text is null or deployment = $2) and seq > $3 order by seq limit $4`,
    [account, deployment ?? null, after, Math.min(limit ?? 500, 2000)],
  )
  return rows.map((row) => ({ ...present(row), at: (row.at as Date).toISOString() }) as KeptLine)
}

/** The commander's own lines; an engine tells through its truth. */
export async function tellStory(db: Queryable, account: string, deployment: string, lines: StoryLine[]): Promise<void> {
  await db.query('select pipi.write_story($1, $2, $3)', [account, deployment, jsonb(lines)])
}
