import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { filesBelow, occurrences, root } from './tree.ts'

const BLIND = filesBelow(['stacks', 'factory', 'platform', 'setup'], /\.(ts|mjs|sql|json|html|css)$/).concat(
  'pipi',
  'package.json',
)
const named = z.object({ code: z.string(), name: z.string(), providers: z.array(z.string()).default([]) })

describe('outside engines and catalogue', () => {
  it('no engine’s code, provider or platform is named', () => {
    const words = yaml('engines', /^engines\/[^/]+\/engine\.yaml$/).flatMap(({ code, name, providers }) => [
      code,
      name,
      ...providers,
    ])
    expect(words.length).toBeGreaterThan(3)
    // A package of npm may be called like a provider; it is loaded by its engine only, but listed at the root.
    const files = BLIND.filter((path) => path !== 'package.json')
    expect(occurrences(files, new RegExp(`(?<![\\w@/-])(${words.map(literally).join('|')})(?![\\w-])`, 'i'))).toEqual(
      [],
    )
  })

  it('no platform of the catalogue is named', () => {
    const platforms = yaml('catalog', /^catalog\/[a-z]{3}\.yaml$/)
    expect(platforms.length).toBeGreaterThan(3)
    const words = platforms.flatMap(({ code, name }) => [`'${code}'`, `"${code}"`, `\\b${literally(name)}\\b`])
    expect(occurrences(BLIND, new RegExp(words.join('|')))).toEqual([])
  })
})

function yaml(folder: string, pattern: RegExp): z.infer<typeof named>[] {
  return filesBelow([folder], pattern).map((path) => named.parse(parse(readFileSync(join(root, path), 'utf8'))))
}

function literally(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
