import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs Node with what this process was given (input, output, signals) and resolves with its exit code.
 *
 * @param {string} node
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runNode(node, args) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'inherit' })
  // A terminal sends Ctrl-C and hang-up to all processes in the foreground: passed on, they would arrive twice, and twice
  // means "at once".
  const terminal = process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => terminal || child.kill(signal))
  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}
