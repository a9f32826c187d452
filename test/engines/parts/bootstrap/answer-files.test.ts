import { copyFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../helpers/temp.ts'
import { built } from '../../use-cloud.ts'

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}
type Ask = (path: string, given?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>

/** The module as it travels: beside `app/`. */
async function answering(files: Record<string, string>): Promise<Ask> {
  const folder = await tempFolder('function')
  await copyFile(
    join(import.meta.dirname, '../../../../engines/parts/bootstrap/answer-files.mjs'),
    join(folder, 'answer.mjs'),
  )
  await symlink((await built(files)).path, join(folder, 'app'))
  const { answer } = (await import(pathToFileURL(join(folder, 'answer.mjs')).href)) as {
    answer: (request: unknown) => Promise<Answer>
  }
  return (path, given = {}) => answer({ method: 'GET', path, headers: {}, ...given })
}

const FILES = {
  'index.html': 'home',
  'about.html': 'about',
  'papers/index.html': 'papers',
  '404.html': 'nowhere',
  'a b.txt': 'blank',
  '.env': 'SECRET=1',
  '.git/config': 'x',
  'data.unknown': 'x',
}

describe('the files of a site in a function', () => {
  it('are found by name, by folder, and without .html', async () => {
    const ask = await answering(FILES)
    for (const [path, body] of [
      ['/', 'home'],
      ['/about.html', 'about'],
      ['/about', 'about'],
      ['/papers/', 'papers'],
      ['/a%20b.txt', 'blank'],
    ] as const) {
      const { status, body: got } = await ask(path)
      expect([path, status, got.toString()]).toEqual([path, 200, body])
    }
    expect(await ask('/papers')).toMatchObject({ status: 308, headers: { location: '/papers/' } })
    expect((await ask('//papers')).headers.location ?? '').not.toMatch(/^\/\//)
  })

  it('have types, tags for caches, and no body for HEAD', async () => {
    const ask = await answering(FILES)
    const { headers } = await ask('/')
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' })
    expect(await ask('/', { headers: { 'if-none-match': headers.etag ?? '' } })).toMatchObject({ status: 304 })
    expect((await ask('/', { method: 'HEAD' })).body).toHaveLength(0)
    expect((await ask('/data.unknown')).headers['content-type']).toBe('application/octet-stream')
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  it('never leave their folder and never show what begins with a dot', async () => {
    const ask = await answering(FILES)
    for (const path of [
      '/../answer.mjs',
      '/%2e%2e/answer.mjs',
      '/..%2fanswer.mjs',
      '/papers/../../answer.mjs',
      '/.env',
      '/.git/config',
      '/%00',
      '/..\\answer.mjs',
      '/%',
      '/about.html/',
      '/nothing',
      `/${'x'.repeat(5000)}`,
    ]) {
      const { status, body } = await ask(path)
      expect([path.slice(0, 30), status, body.toString()]).toEqual([path.slice(0, 30), 404, 'nowhere'])
    }
  })

  it('say not found in plain words where a site has no page for it', async () => {
    const ask = await answering({ 'index.html': 'home' })
    expect((await ask('/nothing')).body.toString()).toBe('not found\n')
  })
})
