import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { WatchContext } from '../../contract/watch.ts'
import { DATABASES } from '../provider/database.ts'
import { PROCESSES } from '../provider/process.ts'
import { STORES } from '../provider/store.ts'
import { ROOMS } from '../supervisor/databases/spec.ts'

const processSchema = z.looseObject({
  name: z.string(),
  state: z.enum(['starting', 'running', 'waiting', 'stopped']),
  /** MiB. */
  memory: z.number(),
  memoryHeld: z.number(),
  bytes: z.number(),
  labels: z.record(z.string(), z.string()).default({}),
})
export type ListedProcess = z.infer<typeof processSchema>

/** All processes of a host, as its supervisor lists them. */
export async function listProcesses(
  { platform }: Pick<WatchContext, 'platform'>,
  host: string,
): Promise<ListedProcess[]> {
  const answer = z.object({ processes: z.array(processSchema) }).safeParse(await platform.invoke(PROCESSES, { host }))
  if (answer.success) return answer.data.processes
  throw new PipiError('provider.failed', `the supervisor lists something else: ${z.prettifyError(answer.error)}`)
}

const storeSchema = z.looseObject({
  name: z.string(),
  /** MiB: granted, and in use. */
  size: z.number(),
  held: z.number(),
  labels: z.record(z.string(), z.string()).default({}),
})

/** All stores of a host. */
export async function listStores(
  { platform }: Pick<WatchContext, 'platform'>,
  host: string,
): Promise<z.output<typeof storeSchema>[]> {
  const answer = z.object({ stores: z.array(storeSchema) }).safeParse(await platform.invoke(STORES, { host }))
  if (answer.success) return answer.data.stores
  throw new PipiError('provider.failed', `the supervisor lists something else: ${z.prettifyError(answer.error)}`)
}

const databaseSchema = z.looseObject({
  name: z.string(),
  /** MiB: granted, and in use. */
  size: z.number(),
  held: z.number(),
  memory: z.number(),
  memoryHeld: z.number(),
  room: z.enum(ROOMS),
  labels: z.record(z.string(), z.string()).default({}),
})

/** All databases of a host. */
export async function listDatabases(
  { platform }: Pick<WatchContext, 'platform'>,
  host: string,
): Promise<z.output<typeof databaseSchema>[]> {
  const asked = await platform.invoke(DATABASES, { host })
  const answer = z.object({ databases: z.array(databaseSchema) }).safeParse(asked)
  if (answer.success) return answer.data.databases
  throw new PipiError('provider.failed', `the supervisor lists something else: ${z.prettifyError(answer.error)}`)
}
