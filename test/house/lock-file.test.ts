import { expect, it } from 'vitest'
import { z } from 'zod'
import { text } from './tree.ts'

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
})

// Where a registry lacks a package for another platform, `npm install` leaves it out of the lock file, and then
// `npm ci` refuses everywhere: "Missing … from lock file".
it('the lock file names every package that packages ask for on other platforms', () => {
  const { packages } = lockSchema.parse(JSON.parse(text('package-lock.json')))
  const missing = Object.entries(packages).flatMap(([path, one]) =>
    Object.keys(one.optionalDependencies ?? {}).filter((name) => !isFound(packages, path, name)),
  )
  expect(missing).toEqual([])
})

/** As Node looks a package up: in the folder itself, then in those around it. */
function isFound(packages: Record<string, unknown>, from: string, name: string): boolean {
  const folder = from === '' ? '' : `${from}/`
  if (packages[`${folder}node_modules/${name}`] !== undefined) return true
  return from !== '' && isFound(packages, from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name)
}
