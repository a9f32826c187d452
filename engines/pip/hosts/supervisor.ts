import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { removeForGood, writeAtomic } from '../supervisor/atomic-file.ts'
import { placeFile } from '../supervisor/place.ts'

/**
 * The companion of the host that this platform runs on: takes how it is reached as the first line of its standard
 * input (an empty one: for itself alone), and becomes its supervisor.
 */
const folder = process.argv[2]
if (folder !== undefined) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lines = createInterface({ input: process.stdin })
  const [place] = (await once(lines, 'line')) as [string]
  lines.close()
  if (place === '') await removeForGood(placeFile(folder))
  else await writeAtomic(placeFile(folder), place)
}
await import('../supervisor/main.ts')
