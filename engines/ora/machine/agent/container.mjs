import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ENTER = join(import.meta.dirname, 'enter.sh')
const RUN = 'run-'

/**
 * What starts an unpacked image: namespaces of the kernel's, of users too, since the agent has no rights; the image as the
 * root; and whoever the agent is as the image's own user. `environment` is set last, when all rights are gone. What it
 * writes goes into `folder`, and with it.
 */
export function containerCommand({ command, at, uid, gid }, release, { home, environment }) {
  const name = `image-${randomBytes(16).toString('hex')}`
  const folder = join(home, `${RUN}${randomBytes(6).toString('hex')}`)
  for (const each of ['stage', 'upper', 'work', 'tmp']) mkdirSync(join(folder, each), { recursive: true, mode: 0o755 })
  writeFileSync(join(folder, 'environment'), exported(environment), { mode: 0o600 })
  writeFileSync(join(folder, 'places'), '')
  const apart = '--user --map-current-user --keep-caps --mount --pid --ipc --fork --kill-child --propagation=private --'
  const way = [ENTER, folder, join(release, 'root'), name, at, String(uid), String(gid), '']
  return {
    command: 'unshare',
    args: [...apart.split(' '), '/bin/sh', ...way, ...command],
    cwd: folder,
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    folder,
  }
}

/** Removes what one run wrote. */
export function clearRun(folder) {
  try {
    // The kernel closes the folder that it works in.
    chmodSync(join(folder, 'work', 'work'), 0o700)
  } catch {
    // It made none.
  }
  rmSync(folder, { recursive: true, force: true })
}

/** Removes what runs left that nobody saw the end of. */
export function clearRuns(homes) {
  for (const home of namesIn(homes))
    for (const name of namesIn(join(homes, home))) if (name.startsWith(RUN)) clearRun(join(homes, home, name))
}

function namesIn(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}

function exported(environment) {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')
}
