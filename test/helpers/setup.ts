import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { endLeaks, processesOf } from './leaks.ts'
import { closeTag, openTag } from './tag.ts'
import { waitFor } from './wait-for.ts'

const tag = openTag()
// Hundreds of processes are started from the same few hundred files.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/compiled')

// Registered first, so it runs last: after every hook of the file itself.
afterAll(async () => {
  const left = await waitFor('the processes of this file to end', () => processesOf(tag.name).length === 0, {
    timeoutMs: 15_000,
  }).then(
    () => [],
    () => processesOf(tag.name),
  )
  await endLeaks(left)
  const folders = readdirSync(tag.folder).filter((name) => name.startsWith('automation-'))
  closeTag(tag)
  if (left.length > 0) {
    throw new Error(`leaked processes (ended now):\n${left.map((one) => `  ${one.pid} ${one.command}`).join('\n')}`)
  }
  if (folders.length > 0) throw new Error(`leaked folders of the Automation API: ${folders.join(', ')}`)
})
