import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { SetupError } from './error.mjs'

/** The first version that runs the TypeScript source as it is and has all that the platform uses. */
const WANTED = 24

/** Whether the Node that runs this is too old for the platform. */
export function wantsOwnNode() {
  return Number(process.versions.node.split('.')[0]) < WANTED
}

/**
 * Whether a Node binary runs here and is new enough. It is started: a binary for another libc or processor is there
 * and does not run.
 *
 * @param {string} path
 */
export function enough(path) {
  const { status, stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8', timeout: 30_000 })
  return status === 0 && Number(stdout.split('.')[0]) >= WANTED
}

/**
 * The machine's own Node when it is new enough, else the one that came from npm.
 *
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function findNode(root) {
  if (!wantsOwnNode()) return process.execPath
  const own = join(root, 'node_modules/node/bin/node')
  if (enough(own)) return own
  const { error, stderr, stdout } = spawnSync(own, ['--version'], { encoding: 'utf8', timeout: 30_000 })
  throw new SetupError(
    `expected Node.js ${WANTED} or newer: this machine has ${process.version}, and ${own} answers "${(error?.message ?? (stderr || stdout)).trim()}"`,
    `install Node.js ${WANTED} for this machine, see https://nodejs.org/en/download`,
  )
}
