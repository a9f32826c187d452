import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join, posix, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Runs the command line against the platform and waits for its end.
 *
 * @param {ReturnType<typeof import('./inputs.mjs').readInputs>} inputs
 * @param {Record<string, string | undefined>} environment
 * @returns {Promise<{code: number, document: Record<string, any> | undefined}>} exit code, and what it printed
 */
export async function deploy(inputs, environment) {
  const child = spawn(process.execPath, [join(ROOT, 'setup/run.mjs'), ...argumentsOf(inputs, environment)], {
    cwd: resolve(environment.GITHUB_WORKSPACE ?? '.'),
    // The token travels in the environment: arguments can be read by every process of the machine.
    env: { ...environment, PIPI_URL: inputs.url, PIPI_TOKEN: inputs.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A step that is cancelled detaches: what the platform has begun, it ends safely by itself.
  const passOn = (signal) => child.kill(signal)
  process.on('SIGINT', passOn)
  process.on('SIGTERM', passOn)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text
  })
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (exit) => done(exit ?? 1))
  })
  process.removeListener('SIGINT', passOn)
  process.removeListener('SIGTERM', passOn)
  return { code, document: parse(printed) }
}

/** The words of the command, each one argument of its own. */
export function argumentsOf(inputs, environment) {
  const words = [
    'deploy',
    inputs.target,
    '--json',
    '--wait-timeout',
    inputs.waitTimeout,
    '--key',
    keyOf(inputs, environment),
  ]
  if (inputs.engine !== '') words.push('--engine', inputs.engine)
  if (inputs.region !== '') words.push('--region', inputs.region)
  if (inputs.source === 'git') {
    const {
      GITHUB_SERVER_URL: server = 'https://github.com',
      GITHUB_REPOSITORY: repository,
      GITHUB_SHA: commit,
    } = environment
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? '') || !/^[0-9a-f]{7,64}$/.test(commit ?? '')) {
      throw new Error('source: git needs GITHUB_REPOSITORY and GITHUB_SHA, as a workflow run has them')
    }
    words.push('--git', `${server}/${repository}`, '--ref', commit, '--path', folderOf(inputs.target))
  }
  return words
}

/** Where the workspace lies in the repository. */
function folderOf(target) {
  const folder = /\.ya?ml$/.test(target) ? posix.dirname(target) : target
  return posix.normalize(folder).replace(/\/$/, '')
}

/** One run of one step is one deployment, however often its request is sent. */
function keyOf(inputs, environment) {
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_SHA } = environment
  const parts = [
    GITHUB_REPOSITORY,
    GITHUB_RUN_ID,
    GITHUB_RUN_ATTEMPT,
    GITHUB_JOB,
    GITHUB_SHA,
    inputs.target,
    inputs.engine,
    inputs.region,
  ]
  return `github-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40)}`
}

function parse(printed) {
  try {
    return JSON.parse(printed)
  } catch {
    return undefined
  }
}
