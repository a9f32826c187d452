import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

/** What the auditor found in one database; all of it has to be 0. */
export interface Audit {
  /** Accepted deployments without an end, and resources that somebody believes in and that are not there. */
  lost: string[]
  /** What exists more than once. */
  doubled: string[]
  /** What exists, and nobody knows of. */
  orphans: string[]
  /** What is held for nothing, or not as the sum says. */
  leaked: string[]
}

const UNFINISHED = `select id || ' ' || status as what from pipi.deployments where finished_at is null`
const SIMULATED = `exists (select from sandbox.resources x where x.engine = w.engine)`
const MISSING = `
  select r.type || ' ' || r.id || ' of ' || w.name as what
  from pipi.resources r join pipi.workspaces w on w.id = r.workspace
  where ${SIMULATED} and not exists (
    select from sandbox.resources s where s.deleted_at is null and s.type = r.type and s.id = r.id and s.cloud_account = w.cloud_account)`
const DOUBLED = `
  select urn || ' ' || count(*) || ' times' as what from sandbox.resources
  where deleted_at is null group by urn, cloud_account having count(*) > 1`
const ORPHANS = `
  select s.type || ' ' || s.id as what from sandbox.resources s
  where s.deleted_at is null and not exists (
    select from pipi.resources r join pipi.workspaces w on w.id = r.workspace
    where r.type = s.type and r.id = s.id and w.cloud_account = s.cloud_account)`
const HELD_FOR_NOTHING = `
  select h.meter || ' ' || h.urn || ' of ' || w.name as what from pipi.holdings h join pipi.workspaces w on w.id = h.workspace
  where h.state <> 'released' and not exists (select from pipi.resources r where r.workspace = h.workspace and r.urn = h.urn)`
const NOT_THE_SUM = `
  select m.cloud_account || ' ' || m.meter || ' holds ' || m.held || ', its holdings ' || coalesce(h.part, 0) as what
  from pipi.meters m left join (
    select cloud_account, meter, scope, sum(part) as part from pipi.holdings where state <> 'released' group by 1, 2, 3) h
    on h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope
  where abs(m.held - coalesce(h.part, 0)) > 1e-6`
const OPEN_INTENTS = `select id || ' ' || type as what from pipi.intents where ended_at is null`
const BEYOND = `
  select cloud_account || ' ' || meter || ' ' || held + used || ' of ' || stated_limit as what from pipi.meters
  where held + used > stated_limit or standing > stated_limit`

/** Looks at a database with its own eyes: plain SQL on ledger, resources and inventory, and nothing of the product. */
export async function audit(databaseUrl: string): Promise<Audit> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const ask = async (sql: string): Promise<string[]> =>
    (await client.query<{ what: string }>(sql)).rows.map((row) => row.what)
  try {
    return {
      lost: [...(await ask(UNFINISHED)), ...(await ask(MISSING)), ...(await stateIsMissing(client))],
      doubled: await ask(DOUBLED),
      orphans: await ask(ORPHANS),
      leaked: [
        ...(await ask(HELD_FOR_NOTHING)),
        ...(await ask(NOT_THE_SUM)),
        ...(await ask(OPEN_INTENTS)),
        ...(await ask(BEYOND)),
      ],
    }
  } finally {
    await client.end()
  }
}

/** Where stacks have states: what a state holds and the ledger does not know, and the other way round. */
async function stateIsMissing(client: pg.Client): Promise<string[]> {
  const tables = await client.query<{ table: string }>(
    `select table_schema || '.' || table_name as table from information_schema.tables where table_name ~ '^[a-z]{3}_state$'`,
  )
  const held = new Set<string>()
  let stacks = 0
  for (const { table } of tables.rows) {
    const states = await client.query<{ data: unknown }>(`select data from ${table} where key ~ 'stacks/.*\\.json$'`)
    stacks += states.rows.length
    for (const { data } of states.rows) for (const one of resourcesIn(data)) held.add(one)
  }
  // Nobody keeps states here.
  if (stacks === 0) return []
  const known = await client.query<{ one: string }>(`select urn || ' ' || id as one from pipi.resources`)
  const ledger = new Set(known.rows.map((row) => row.one))
  return [
    ...[...held].filter((one) => !ledger.has(one)).map((one) => `in a state only: ${one}`),
    ...[...ledger].filter((one) => !held.has(one)).map((one) => `in no state: ${one}`),
  ]
}

interface Checkpoint {
  checkpoint?: { latest?: { resources?: { urn?: string; id?: string; custom?: boolean; type?: string }[] } }
}

/** A checkpoint's custom resources. The backend wraps it: `{"data": "<base64>"}`. */
function resourcesIn(data: unknown): string[] {
  const wrapped = data as { data?: string }
  const text = typeof wrapped.data === 'string' ? Buffer.from(wrapped.data, 'base64').toString('utf8') : ''
  const checkpoint = (text === '' ? data : JSON.parse(text)) as Checkpoint
  return (checkpoint.checkpoint?.latest?.resources ?? []).flatMap(({ urn, id, custom, type }) =>
    custom === true && id !== undefined && type?.startsWith('pulumi:') !== true ? [`${urn} ${id}`] : [],
  )
}

/** Processes that still have anything to do with a folder: by their command line, their environment or where they work. */
export async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')),
    )
    if (command?.includes(folder) || environment?.includes(folder))
      found.push(`${entry} ${command?.replaceAll('\0', ' ').slice(0, 120)}`)
  }
  return found
}
