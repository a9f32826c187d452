import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
/** What the lock is built from. A witness that read it would only repeat it. */
const OTHER_BOOK = [
  /^catalog\/(?!errors\.ts$)/,
  /^engines\/[^/]+\/(rules|programs|limits)/,
  /^platform\//,
  /^factory\//,
]

describe('the witness', () => {
  it('keeps a book of its own: nothing of the sandbox reads catalogue, rules or ledger, however far away', () => {
    const files = globSync('{stacks/sandbox,engines/*/sandbox}/**/*.ts', { cwd: ROOT })
    expect(files.length).toBeGreaterThan(20)
    const found = [...reached(files)].filter((file) => OTHER_BOOK.some((pattern) => pattern.test(file)))
    expect(found).toEqual([])
  })
})

/** The files and all that they import at run time, directly or not. */
function reached(files: string[]): Set<string> {
  const seen = new Set<string>()
  const left = [...files]
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export)(?! type)[^'"]*?['"](\.[^'"]+)['"]/gms)) {
      left.push(relative(ROOT, resolve(ROOT, dirname(file), specifier)))
    }
  }
  return seen
}
