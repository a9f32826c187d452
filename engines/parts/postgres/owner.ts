import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { PipiError } from '../../../catalog/errors.ts'

/** The system user that the server runs as when we are root: PostgreSQL refuses to run as root. */
export interface SystemOwner {
  name: string
  uid: number
  gid: number
}

const run = promisify(execFile)
const NAME = 'postgres'

/** Undefined when we are not root: then the server simply runs as we do. */
export async function systemOwner(log: (message: string) => void): Promise<SystemOwner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await find(NAME)
  if (existing) return existing
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME])
  } catch (cause) {
    throw new PipiError(
      'toolchain.missing',
      `PostgreSQL does not run as root, and the system user "${NAME}" could not be made`,
      {
        hint: `make it by hand (useradd --system ${NAME}), start as a normal user, or set DATABASE_URL to a server of your own`,
        cause,
      },
    )
  }
  const made = await find(NAME)
  if (!made)
    throw new PipiError('toolchain.missing', `the system user "${NAME}" was made but is not in /etc/passwd`, {})
  log(`made the system user "${NAME}": PostgreSQL does not run as root`)
  return made
}

async function find(name: string): Promise<SystemOwner | undefined> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : undefined
}
