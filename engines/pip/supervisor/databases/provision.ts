import pg from 'pg'
import { sessionsOf } from './settings.ts'
import { DATABASE, type DatabaseSpec, KEEPER, ROLE, type Room } from './spec.ts'

const PATIENCE_MS = 10_000
/** A database is made of files, and the disk may be slow. */
const ANSWER_MS = 60_000

/** Our own session in a cluster. */
export async function connect(order: { port: number; keeper: string; database?: string }): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: order.port,
    user: KEEPER,
    password: order.keeper,
    database: order.database ?? 'postgres',
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: ANSWER_MS,
    ssl: false,
  })
  // A server that ends takes its sessions along; whoever waits for an answer is told.
  client.on('error', () => {})
  await client.connect()
  return client
}

/**
 * Makes the role and the database of the users, or what is there what it should be: done twice it is the same. The role
 * owns its database and has no right beside; it is let into no other.
 */
export async function provision(client: pg.Client, { password, memory }: DatabaseSpec): Promise<void> {
  const role = await client.query('select 1 from pg_roles where rolname = $1', [ROLE])
  if (role.rowCount === 0) await client.query(`create role ${ROLE}`)
  await client.query(
    `alter role ${ROLE} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit ${sessionsOf(memory)} password '${password}'`,
  )
  const database = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
  if (database.rowCount === 0) await client.query(`create database ${DATABASE} owner ${ROLE}`)
  await client.query(`revoke all on database ${DATABASE}, postgres, template1 from public`)
}

/** Lets the users do what there is room for. Sessions that would go on otherwise end. */
export async function allow(client: pg.Client, room: Room, before: Room): Promise<void> {
  const [writes, enters] = [room === 'free' || room === 'full', room !== 'shut']
  await client.query(
    writes
      ? `alter role ${ROLE} in database ${DATABASE} reset default_transaction_read_only`
      : `alter role ${ROLE} in database ${DATABASE} set default_transaction_read_only = on`,
  )
  await client.query(`alter database ${DATABASE} allow_connections ${enters}`)
  const same = (before === 'free' || before === 'full') === writes && (before !== 'shut') === enters
  if (!same) await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE])
}
