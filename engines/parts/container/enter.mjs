// Plain JavaScript: it travels with enter.sh, also to where nothing else runs.

import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SCRIPT = join(import.meta.dirname, 'enter.sh')
const LAYERS = ['upper', 'work']

/** At once: who starts a program knows right away what it runs. */
export function enterImage({ folder, image, who, owner, environment, seen = [], written = true }) {
  for (const each of ['stage', 'tmp', ...(written ? LAYERS : [])])
    mkdirSync(join(folder, each), { recursive: true, mode: 0o755 })
  writeFileSync(join(folder, 'environment'), exported(environment), { mode: 0o600 })
  writeFileSync(join(folder, 'places'), seen.map((path) => `${path}\n`).join(''))
  const rights = owner === undefined ? ['--user', '--map-current-user', '--keep-caps'] : []
  const apart = [...rights, '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation=private', '--']
  // Neither an image nor a variable can name the place where its files are while it is entered.
  const name = `image-${randomBytes(16).toString('hex')}`
  const inside = [who.at, String(who.uid), String(who.gid), owner === undefined ? '' : String(owner)]
  return ['unshare', ...apart, '/bin/sh', SCRIPT, folder, image, name, ...inside]
}

export function exported(environment) {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')
}
