import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../config.ts'
import { openStore } from '../../store/open.ts'
import { startServer } from '../../store/server/start.ts'

/** What a drill stands on: a folder that goes with it, and a database server in it. */
export interface Stage {
  folder: string
  /** A new database on the server. */
  database(name: string): Promise<string>
  /** Ends what was begun, the last first, and removes the folder. */
  close(): Promise<void>
  /** Ended before the server is. */
  onClose(close: () => Promise<unknown>): void
}

export async function openStage(log: (line: string) => void): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'pipi-drill-'))
  // The server may run as another user.
  await chmod(folder, 0o711)
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })]
  const close = async () => {
    let failed: unknown
    for (const each of closing.splice(0).reverse()) {
      await each().catch((error: unknown) => {
        failed ??= error
      })
    }
    if (failed !== undefined) throw failed
  }
  try {
    const { cache } = readSettings({ data: folder })
    // A drill kills processes, not the power: nothing has to reach the disk.
    const server = await startServer({ data: join(folder, 'postgres'), cache, log, durable: false })
    closing.push(() => server.stop())
    return {
      folder,
      async database(name) {
        const store = openStore(server.url, { connections: 1 })
        await store.query(`create database drill_${name}`)
        await store.close()
        const url = new URL(server.url)
        url.pathname = `/drill_${name}`
        return url.href
      },
      close,
      onClose: (each) => closing.push(each),
    }
  } catch (error) {
    await close()
    throw error
  }
}
