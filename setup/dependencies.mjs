import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from './error.mjs'
import { startProgress } from './progress.mjs'

/**
 * Whether node_modules holds what package-lock.json says, by npm's own record: it is written last, so a broken-off
 * installation has none.
 *
 * @param {string} root
 */
export function areInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const found = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (wanted === undefined || found === undefined) return false
  return Object.entries(wanted).every(
    ([path, one]) =>
      path === '' || found[path]?.version === one.version || (found[path] === undefined && one.optional === true),
  )
}

/**
 * `npm ci`, with how far it is.
 *
 * @param {string} root
 */
export async function install(root) {
  const paths = Object.entries(packagesOf(join(root, 'package-lock.json')) ?? {})
    .filter(([path, one]) => path !== '' && one.optional !== true)
    .map(([path]) => join(root, path, 'package.json'))
  const progress = startProgress('Installing dependencies (npm ci)', () => {
    const there = paths.filter((path) => existsSync(path)).length
    return `${there} of ${paths.length} packages`
  })
  // All kinds of dependencies, whatever NODE_ENV or the user's npm settings leave out: tests and Node 24 are among them.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, lines } = await run('npm', args, root)
  progress.stop(code === 0)
  if (code !== 0) {
    throw new SetupError(
      `expected "npm ci" in ${root} to install the dependencies, it ended with ${code}:\n${lines}`,
      'check the network and the registry (npm config get registry), that the folder is yours, and free disk (1.5 GB)',
    )
  }
}

/**
 * @param {string} path
 * @returns {Record<string, {version?: string, optional?: boolean}> | undefined}
 */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * @param {string} command @param {string[]} args @param {string} cwd
 * @returns {Promise<{code: number | string, lines: string}>} `lines`: what it said, without the middle
 */
function run(command, args, cwd) {
  return new Promise((resolve) => {
    let said = ''
    const keep = (chunk) => {
      said = (said + chunk).slice(0, 1_000_000)
    }
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    // Ctrl-C reaches npm through the terminal; this one would only reach us, and npm would go on alone.
    const pass = () => child.kill('SIGTERM')
    process.once('SIGTERM', pass)
    child.on('exit', () => process.off('SIGTERM', pass))
    child.on('error', (error) => resolve({ code: error.code ?? 'an error', lines: error.message }))
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'an error', lines: withoutMiddle(said) }))
  })
}

/** npm says at the beginning what is wrong, and at the end where its log is; between them it explains its options. */
function withoutMiddle(said) {
  const lines = said.trim().split('\n')
  return (lines.length <= 30 ? lines : [...lines.slice(0, 15), '…', ...lines.slice(-8)]).join('\n')
}
