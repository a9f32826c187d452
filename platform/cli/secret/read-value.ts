import { text } from 'node:stream/consumers'
import { PipiError } from '../../../catalog/errors.ts'
import type { Terminal } from '../terminal.ts'

/** The value of a secret: typed and not shown where somebody is there to be asked, else all of standard input. */
export async function readValue(terminal: Terminal, name: string): Promise<string> {
  const value = terminal.interactive
    ? await terminal.askHidden(`Value of ${name} (not shown): `)
    : (await text(process.stdin)).replace(/\r?\n$/, '')
  if (value !== '') return value
  throw new PipiError('input.invalid', `no value for ${name} came in`, {
    hint: `./pipi secret set WORKSPACE ${name} < file, or type it when it is asked for`,
  })
}
