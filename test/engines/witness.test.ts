import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

  it('adds up prices from contracts alone', async () => {
    for (const name of (await sandboxFiles()).filter((one) => one.endsWith('/prices.ts'))) {
      const imports = importsOf(await readFile(join(ENGINES_FOLDER, name), 'utf8'))
      expect(imports, name).toEqual(['../../../stacks/contract/sandbox.ts'])
    }
  })
})
