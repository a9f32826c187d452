import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { PipiError } from '../../catalog/errors.ts'
import { DEADLINES_MS, TRANSITIONS } from '../../factory/contract/status.ts'
import type { Database, Queryable } from './open.ts'

/** One at a time, whoever starts: any number of platforms may open the same database at once. */
const LOCK = 7_061_701

/**
 * Brings the database to this version: migrations in order, each once and never changed afterwards; then the
 * functions, whenever their text has changed; then the tables that mirror contracts. All in one transaction.
 */
export async function migrate(db: Database): Promise<{ applied: string[] }> {
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK])
    await tx.query('create schema if not exists pipi')
    await tx.query(
      'create table if not exists pipi.migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    )
    // Functions name each other in any order.
    await tx.query('set local check_function_bodies = off')
    const applied = [...(await applyMigrations(tx)), ...(await applyFunctions(tx))]
    await mirrorTransitions(tx)
    return { applied }
  })
}

async function applyMigrations(tx: Queryable): Promise<string[]> {
  const known = await checksums(tx)
  const files = await sqlFiles('migrations')
  const ours = new Set(files.map((file) => file.name))
  const newer = [...known.keys()].find((name) => name.startsWith('migrations/') && !ours.has(name))
  if (newer) {
    throw new PipiError('conflict.state', `the database was opened by a newer version before: it has ${newer}`, {
      hint: 'run that version or a newer one, or give another data folder',
    })
  }
  const applied: string[] = []
  for (const { name, text, checksum } of files) {
    const before = known.get(name)
    if (before === checksum) continue
    if (before !== undefined) {
      throw new PipiError('conflict.state', `${name} was changed after this database had applied it`, {
        hint: 'never change an applied migration: put its text back, and write a new one',
      })
    }
    await tx.query(text)
    await record(tx, name, checksum)
    applied.push(name)
  }
  return applied
}

/** Functions may be replaced at any time; only the changed ones are. */
async function applyFunctions(tx: Queryable): Promise<string[]> {
  const known = await checksums(tx)
  const applied: string[] = []
  for (const { name, text, checksum } of await sqlFiles('functions')) {
    if (known.get(name) === checksum) continue
    await tx.query(text)
    await record(tx, name, checksum)
    applied.push(name)
  }
  return applied
}

/** The one table of legal transitions is `factory/contract/status.ts`; the database enforces this copy. */
async function mirrorTransitions(tx: Queryable): Promise<void> {
  const rows = Object.entries(TRANSITIONS).flatMap(([from, to]) => to.map((status) => ({ from, to: status })))
  await tx.query('delete from pipi.transitions')
  await tx.query(
    'insert into pipi.transitions (from_status, to_status) select "from", "to" from json_to_recordset($1) as t("from" text, "to" text)',
    [JSON.stringify(rows)],
  )
  await tx.query(
    'insert into pipi.deadlines (status, ms) select key, value::bigint from json_each_text($1) on conflict (status) do update set ms = excluded.ms',
    [JSON.stringify(DEADLINES_MS)],
  )
}

async function checksums(tx: Queryable): Promise<Map<string, string>> {
  const rows = await tx.query<{ name: string; checksum: string }>('select name, checksum from pipi.migrations')
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

async function record(tx: Queryable, name: string, checksum: string): Promise<void> {
  await tx.query(
    'insert into pipi.migrations (name, checksum) values ($1, $2) on conflict (name) do update set checksum = excluded.checksum, applied_at = now()',
    [name, checksum],
  )
}

async function sqlFiles(
  folder: 'migrations' | 'functions',
): Promise<{ name: string; text: string; checksum: string }[]> {
  const url = new URL(`./${folder}/`, import.meta.url)
  const names = (await readdir(url)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, url), 'utf8')
      return { name: `${folder}/${name}`, text, checksum: createHash('sha256').update(text).digest('hex') }
    }),
  )
}
