import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { containsKind, filesBelow, occurrences, ROOMS, text } from './tree.ts'

const SOURCE = /\.(ts|mjs)$/
const product = filesBelow([...ROOMS, 'setup'], SOURCE)
const all = filesBelow([...ROOMS, 'setup', 'test'], SOURCE).filter((path) => path !== 'test/house/discipline.test.ts')

describe('the source', () => {
  it('reads the environment in platform/config.ts only', () => {
    // What is started as a program of its own, or travels to a platform, is told its port and folder by its environment.
    const edges = /^engines\/.*(bootstrap|runtime|\/run-image\.ts$|\/agent\/|\/supervisor\/main\.ts$|\/child\/)/
    const others = filesBelow(ROOMS, SOURCE).filter((path) => path !== 'platform/config.ts' && !edges.test(path))
    expect(occurrences(others, /process\.env\b/)).toEqual([])
  })

  it('silences no type check', () => {
    expect(occurrences(all, /@ts-(ignore|nocheck|expect-error)/)).toEqual([])
    expect(all.filter((path) => containsKind(path, ts.SyntaxKind.AnyKeyword))).toEqual([])
  })

  it('promises nothing that is not there', () => {
    expect(occurrences(product, /\b(TODO|FIXME|XXX)\b|coming soon|not (yet )?implemented/i)).toEqual([])
  })

  it('focuses on no single test', () => {
    expect(occurrences(filesBelow(['test'], /\.test\.ts$/), /\b(it|test|describe)\.only\b/)).toEqual([])
  })

  it('has no file that ate the project', () => {
    const long = product
      .map((path) => [path, text(path).split('\n').length] as const)
      .filter(([, lines]) => lines > 350)
    expect(long).toEqual([])
  })

  it('has no grab-bag', () => {
    expect(product.filter((path) => /\/(utils?|helpers?|misc|common)\.(ts|mjs)$/.test(path))).toEqual([])
  })
})
