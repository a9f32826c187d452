import { constants } from 'node:fs'
import { access, readFile, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { findOnPath } from '../find-on-path.ts'
import type { Finding } from './check.ts'

const GIB = 2 ** 30

export async function systemUser(environment: Record<string, string | undefined>): Promise<Finding> {
  const wanted = 'any user, or root with a system user "postgres" that the database runs as'
  const remedy = 'useradd --system postgres, or start as a normal user'
  if (process.getuid?.() !== 0) return { ok: true, found: `user ${process.getuid?.() ?? ''}`.trim(), wanted, remedy }
  const known = /^postgres:/m.test(await readFile('/etc/passwd', 'utf8'))
  if (known) return { ok: true, found: 'root; "postgres" exists', wanted, remedy }
  const can = (await findOnPath('useradd', `${environment.PATH}:/usr/sbin:/sbin`)) !== undefined
  return {
    ok: can,
    found: `root; no "postgres" yet${can ? ', the first start makes it' : ' and no useradd'}`,
    wanted,
    remedy,
  }
}

export async function writable(folder: string, remedy: string): Promise<Finding> {
  const wanted = 'a folder that can be written to'
  const there = await nearest(folder)
  try {
    if (!(await stat(there)).isDirectory()) return { ok: false, found: `${there} is a file`, wanted, remedy }
    await access(there, constants.W_OK | constants.X_OK)
  } catch (error) {
    return { ok: false, found: `${there}: ${(error as Error).message}`, wanted, remedy }
  }
  return { ok: true, found: there === folder ? folder : `${folder} (made on first use)`, wanted, remedy }
}

export async function disk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearest(folder))
  const free = bavail * bsize
  return {
    ok: free > GIB,
    found: `${gib(free)} where ${folder} is`,
    wanted: '1 GiB',
    remedy: 'free some disk, or choose another folder with --data',
  }
}

export function memory(): Finding {
  const free = process.availableMemory()
  return {
    ok: free > GIB,
    found: gib(free),
    wanted: '1 GiB',
    remedy: 'end something large, or lower the number of clones (PIPI_MAX_CLONES)',
  }
}

/** A platform of ours on the port is as good as a free one. */
export async function portFree(port: number): Promise<Finding> {
  const wanted = 'a free port on 127.0.0.1'
  const remedy = 'choose another with --port, or end what listens there'
  const taken = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
  if (taken === undefined) return { ok: true, found: 'free', wanted, remedy }
  const ours = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(3_000) }).then(
    (answer) => answer.ok,
    () => false,
  )
  return { ok: ours, found: ours ? 'a platform serves there' : taken, wanted, remedy }
}

async function nearest(folder: string): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  )
  const above = dirname(folder)
  return exists || above === folder ? folder : await nearest(above)
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
