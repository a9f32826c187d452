import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ENGINES_FOLDER } from '../../engines/scan.ts'

async function sandboxFiles(): Promise<string[]> {
  const all = await readdir(ENGINES_FOLDER, { recursive: true })
  return all.filter((name) => /^[a-z]{3}\/sandbox\/.*\.ts$/.test(name))
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

describe('the witness of each simulated cloud', () => {
  it('keeps a price list of its own: it reads neither catalogue nor rules', async () => {
    const files = await sandboxFiles()
    expect(files.filter((name) => name.endsWith('/prices.ts')).length).toBeGreaterThanOrEqual(3)
    for (const name of files) {
      const imports = importsOf(await readFile(join(ENGINES_FOLDER, name), 'utf8'))
      const shared = imports.filter((from) => /catalog\/|\/rules|\/demand\/|ledger|platform\//.test(from))
      expect(shared, name).toEqual([])
    }
  })

  it('adds up prices from the contract and its own folder alone, however far its imports reach', async () => {
    for (const name of (await sandboxFiles()).filter((one) => one.endsWith('/prices.ts'))) {
      const folder = join(ENGINES_FOLDER, name, '..')
      const reached = await reachedFrom(join(ENGINES_FOLDER, name))
      const foreign = [...reached].filter((path) => !path.startsWith(`${folder}${sep}`) && path !== CONTRACT)
      expect(foreign, name).toEqual([])
      // Nobody may slip a rule into the folder itself either.
      const apis = [...reached].filter((path) => /\/(api|resources)(\/|\.ts$)/.test(path.slice(folder.length)))
      expect(apis, name).toEqual([])
    }
  })

  it('simulates no platform with code that reaches catalogue, demand or ledger, however far its imports go', async () => {
    for (const name of (await sandboxFiles()).filter((one) => one.endsWith('/resources.ts'))) {
      const reached = [...(await reachedFrom(join(ENGINES_FOLDER, name)))]
      const shared = reached.filter((path) => SHARED.test(path.slice(ROOT.length)))
      expect(shared, name).toEqual([])
      expect(reached.length, name).toBeGreaterThan(3)
    }
  })
})

const ROOT = join(ENGINES_FOLDER, '..')
const CONTRACT = join(ROOT, 'stacks/contract/sandbox.ts')
/** The registry of errors knows no amounts. */
const SHARED =
  /^\/(catalog\/(?!errors\.ts)|engines\/demand\/|engines\/[a-z]{3}\/(rules|programs|watch)|platform\/|factory\/)/

/** Every file of ours that is loaded with this one; types alone load nothing. */
async function reachedFrom(start: string): Promise<Set<string>> {
  const reached = new Set<string>()
  const waiting = [start]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = await readFile(path, 'utf8')
    for (const [, typeOnly, from] of text.matchAll(/(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/g)) {
      const target = join(path, '..', from ?? '')
      if ((typeOnly !== undefined && target !== CONTRACT) || reached.has(target)) continue
      reached.add(target)
      waiting.push(target)
    }
  }
  return reached
}
