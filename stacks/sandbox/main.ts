import { createInterface } from 'node:readline'
import { type Ready, settingsSchema } from './settings.ts'
import { startSandbox } from './start.ts'

/**
 * The process of the simulated clouds. Takes its settings as one line of JSON on standard input, prints one line of
 * JSON when it is ready, and ends on SIGTERM, on SIGINT, or when its input closes: whoever started it is gone then.
 */
async function main(): Promise<void> {
  const ending = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.resolve())
  const lines = createInterface({ input: process.stdin })
  lines.on('close', () => ending.resolve())
  const first = await Promise.race([new Promise<string>((resolve) => lines.once('line', resolve)), ending.promise])
  if (first === undefined) return
  const sandbox = await startSandbox(settingsSchema.parse(JSON.parse(first)))
  process.stdout.write(`${JSON.stringify(sandbox.ready satisfies Ready)}\n`)
  await ending.promise
  await sandbox.stop()
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
