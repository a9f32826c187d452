import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { withoutStatements } from '../../../../../engines/pip/supervisor/databases/without-statements.ts'

const AT = '2026-11-25 19:24:13.819 UTC [9098]'
const PANIC = `${AT} PANIC:  could not write to file "pg_wal/ä": No space left on device\n`
const AFTER = `${AT} LOG:  server process (PID 9) was terminated by signal 6: Aborted\n`

it('a statement that made a server panic is in no log, however it comes in pieces, and all else is', async () => {
  const said = Buffer.from(
    `${PANIC}${AT} STATEMENT:  insert into notes values ('canary\n\tcanary\n\tcanary')\n${AFTER}`,
  )
  for (const size of [1, 7, 50, said.length]) {
    const pieces = Array.from({ length: Math.ceil(said.length / size) }, (_, at) =>
      said.subarray(at * size, (at + 1) * size),
    )
    expect(await text(withoutStatements(Readable.from(pieces))), `${size}`).toBe(PANIC + AFTER)
  }
  const cut = said.subarray(0, said.indexOf('canary') + 3)
  expect(await text(withoutStatements(Readable.from([cut])))).toBe(PANIC)
})

it('one of many megabytes is not gathered, nor any of it let through', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'canary ')
  const said = [Buffer.from(`${AT} STATEMENT:  `), ...Array(8).fill(piece), Buffer.from(`\n${AFTER}`)]
  expect(await text(withoutStatements(Readable.from(said)))).toBe(AFTER)
})
