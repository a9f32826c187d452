import { spawn } from 'node:child_process'

/** Runs one part with this Node, shows what it writes, and closes with a line of its own. */
export async function runPart(name: string, args: readonly string[], cwd: string): Promise<{ ok: boolean }> {
  const started = performance.now()
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  // A terminal gives Ctrl-C to every process by itself; two of them make vitest leave without cleaning up.
  const interrupt = (signal: NodeJS.Signals) => void (process.stdout.isTTY || child.kill(signal))
  process.on('SIGTERM', pass)
  process.on('SIGINT', interrupt)
  const why = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`))
  })
  process.off('SIGTERM', pass)
  process.off('SIGINT', interrupt)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(why === undefined ? `✔ ${name} (${seconds} s)` : `✖ ${name}: ${why} (${seconds} s)`)
  return { ok: why === undefined }
}
