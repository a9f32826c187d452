import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

it('every guarantee names a test that exists, by its file and its sentence', async () => {
  const page = await readFile(join(ROOT, 'docs/guarantees.md'), 'utf8')
  const guarantees = page.match(/^- /gm) ?? []
  const named = [...page.matchAll(/^ {2}`([a-z0-9/-]+\.test\.ts)`: (.+)$/gm)]
  expect(named).toHaveLength(guarantees.length)
  for (const [, file, sentence] of named) {
    const text = await readFile(join(ROOT, 'test', file as string), 'utf8')
    // A quote inside a sentence is escaped in the source.
    expect(text.replaceAll("\\'", "'").includes(sentence as string), `${file}: ${sentence}`).toBe(true)
  }
})

it('every page that the README names exists', async () => {
  for (const page of ['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'docs/adr/README.md']) {
    const text = await readFile(join(ROOT, page), 'utf8')
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      await expect(readFile(join(ROOT, page, '..', link as string)), `${page}: ${link}`).resolves.toBeDefined()
    }
  }
})
