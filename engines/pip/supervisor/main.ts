import { fstatSync } from 'node:fs'
import { PipiError } from '../../../catalog/errors.ts'
import { readPlace } from './place.ts'
import { supervise } from './supervise.ts'

/**
 * The supervisor as a process: `node main.ts [FOLDER]`, else the folder is in PIPI_COMPANION_DIR. Prints one line of
 * JSON when it is ready. Ends on SIGTERM, SIGINT and when whoever holds its standard input is gone.
 */
const folder = process.argv[2] ?? process.env.PIPI_COMPANION_DIR
try {
  if (folder === undefined)
    throw new PipiError('input.invalid', 'No folder was named', { hint: 'Give it as the first argument.' })
  const supervisor = await supervise({ folder, place: await readPlace(folder) })
  let told = false
  const end = (): void => {
    // Asked twice: what we run notices that we are gone, and goes too.
    if (told) process.exit(1)
    told = true
    supervisor.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  // Somebody's terminal or /dev/null says nothing about a parent; a pipe does.
  const input = fstatSync(0)
  if (input.isFIFO() || input.isSocket()) process.stdin.once('close', end).resume()
  // Nobody reads what we say: whoever started us will be gone too, and its pipe tells.
  process.stdout.on('error', () => undefined)
  console.log(JSON.stringify({ ready: true, address: supervisor.address }))
} catch (error) {
  console.log(JSON.stringify({ ready: false, error: PipiError.from(error).toJSON() }))
  process.exitCode = 1
}
