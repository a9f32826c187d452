import { rm } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { PipiError } from '../../../../catalog/errors.ts'
import { endKeeper } from './keeper.ts'
import { startOrderSchema } from './order.ts'
import { startedFile } from './running.ts'
import { startSupervisor } from './start.ts'
import { findSystemd, removeUnit } from './systemd.ts'

/** What is done on a host, asked there: `node main.ts start`, with the order on standard input, or `node main.ts end FOLDER`. */
const [verb, folder] = process.argv.slice(2)
try {
  if (verb === 'start') {
    const order = startOrderSchema.parse(JSON.parse(await text(process.stdin)))
    console.log(JSON.stringify(await startSupervisor(order)))
  } else if (verb === 'end' && folder !== undefined) {
    const systemd = await findSystemd()
    if (systemd !== undefined) await removeUnit(systemd, folder)
    await endKeeper(folder)
    await rm(startedFile(folder), { force: true })
  } else {
    throw new PipiError(
      'input.invalid',
      `"start" or "end FOLDER" was expected, got "${process.argv.slice(2).join(' ')}"`,
    )
  }
} catch (error) {
  const { message, hint } = PipiError.from(error)
  console.error([message, hint].filter(Boolean).join(' '))
  process.exitCode = 1
}
