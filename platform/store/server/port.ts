import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { startedAt } from './process.ts'

const recordSchema = z.object({ port: z.int(), owner: z.int(), ownerStarted: z.string() })
/** Which port the server of a data folder has, and which process of ours it belongs to. */
export type ServerRecord = z.infer<typeof recordSchema>

/** The port of last time when it is free, else another free one. */
export async function choosePort(data: string, log: (message: string) => void): Promise<number> {
  const last = (await readRecord(data))?.port
  if (last !== undefined && (await isFree(last))) return last
  const port = await anyFree()
  if (last !== undefined) log(`port ${last} of the database is taken, moved to ${port}`)
  return port
}

export async function rememberPort(data: string, port: number): Promise<void> {
  const record: ServerRecord = { port, owner: process.pid, ownerStarted: await startedAt(process.pid) }
  const file = recordFile(data)
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Undefined when there is none, or none that can be read: then a port is simply chosen anew. */
export async function readRecord(data: string): Promise<ServerRecord | undefined> {
  const text = await readFile(recordFile(data), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return recordSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)))
  })
}

async function anyFree(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

function recordFile(data: string): string {
  return path.join(data, 'postgres.json')
}
