import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { PipiError } from '../../catalog/errors.ts'
import type { Database, Queryable } from './open.ts'

export interface EngineAccess {
  /** The role's name, for grants on what is not the store's (the queue's tables). */
  role: string
  /** `postgres://role:password@…`: all that an engine gets of the database. */
  url: string
  /** Pulumi's state table as its `?table=` names it; the role's search path leads to it. */
  stateTable: string
}

/**
 * An engine's way into the database: a role that may call the functions of schema `engine` and owns its own Pulumi state
 * table, and sees nothing else. Made at the first call, the same afterwards; any number of platforms may call at once.
 */
export async function engineAccess(db: Database, code: string): Promise<EngineAccess> {
  if (!/^[a-z]{3}$/.test(code))
    throw new PipiError('input.invalid', `"${code}" is no engine's code: three small letters`, {})
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(7061703)')
    const [where] = await tx.query<{ name: string }>('select current_database() as name')
    const database = where?.name ?? ''
    // Roles belong to the whole server: several databases of ours on one server must not share them.
    const role = `${database}_engine_${code}`
    const password = await passwordOf(tx, role, code)
    await makeStateTable(tx, code, role, database)
    await tx.query(`revoke temporary on database ${id(database)} from public`)
    await tx.query(`grant connect on database ${id(database)} to ${id(role)}`)
    await tx.query(`grant usage on schema engine to ${id(role)}`)
    const url = new URL(db.url)
    url.username = role
    url.password = password
    return { role, url: url.href, stateTable: tableOf(code) }
  })
}

export function tableOf(code: string): string {
  return `${code}_state`
}

async function passwordOf(tx: Queryable, role: string, code: string): Promise<string> {
  const [known] = await tx.query<{ password: string }>('select password from pipi.engine_roles where engine = $1', [
    code,
  ])
  const password = known?.password ?? randomBytes(24).toString('base64url')
  const exists = (await tx.query('select from pg_roles where rolname = $1', [role])).length === 1
  // A restored database may meet a server that does not have its roles yet. What a role may not is said at its making
  // only: changing that later asks for more than a managed server gives us.
  const verb = exists
    ? `alter role ${id(role)}`
    : `create role ${id(role)} nosuperuser nocreatedb nocreaterole noinherit`
  await tx.query(`${verb} login password ${pg.escapeLiteral(password)}`)
  if (!known)
    await tx.query('insert into pipi.engine_roles (role, engine, password) values ($1, $2, $3)', [role, code, password])
  return password
}

/**
 * With exactly Pulumi's own definition (backend/diy/postgres/schema.sql), made beforehand: two first uses at once race
 * on its CREATE. The CLI repeats `create … if not exists`, for which it has to own the table.
 */
async function makeStateTable(tx: Queryable, code: string, role: string, database: string): Promise<void> {
  const schema = `pulumi_${code}`
  const table = tableOf(code)
  await tx.query(`create schema if not exists ${id(schema)}`)
  await tx.query(`grant usage, create on schema ${id(schema)} to ${id(role)}`)
  await tx.query(`alter role ${id(role)} in database ${id(database)} set search_path = ${id(schema)}`)
  await tx.query(
    `create table if not exists ${id(schema)}.${id(table)} (key text primary key, data json not null, updated_at timestamptz not null default now())`,
  )
  await tx.query(
    `create index if not exists ${id(`${table}_key_prefix_idx`)} on ${id(schema)}.${id(table)} (key text_pattern_ops)`,
  )
  await tx.query(
    `create or replace trigger guard_state before insert or update or delete on ${id(schema)}.${id(table)} for each row execute function pipi.guard_state()`,
  )
  // Changing an owner asks for membership where we are no superuser.
  await tx.query(`grant ${id(role)} to current_user`)
  await tx.query(`alter table ${id(schema)}.${id(table)} owner to ${id(role)}`)
}

function id(name: string): string {
  return pg.escapeIdentifier(name)
}
