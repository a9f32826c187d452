import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../helpers/free-port.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'

const MAIN = join(import.meta.dirname, '../../../../engines/pip/supervisor/child/static.mjs')
const FILES = {
  'index.html': '<h1>home</h1>',
  '404.html': 'not here',
  'about.html': 'about',
  'people/index.html': 'people',
  'css/a.css': 'a{}',
  'data/ä b.json': '{}',
  '.secret': 'secret',
  '.git/config': 'secret',
  '.well-known/security.txt': 'contact',
}

describe('the server of static files', () => {
  let child: ChildProcess
  let port: number
  beforeAll(async () => {
    const folder = join(await tempFolder('static'), 'site')
    for (const [name, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), content)
    }
    await writeFile(join(folder, '../outside.txt'), 'secret')
    await symlink('../outside.txt', join(folder, 'link.txt'))
    port = await freePort()
    child = spawn(process.execPath, [MAIN, folder], { env: { ...process.env, PORT: String(port) }, stdio: 'inherit' })
    await waitFor('it to answer', async () => (await ask('/')).status === 200)
  })
  afterAll(async () => {
    child.kill()
    await once(child, 'exit')
  })

  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end()
    const [response] = await once(asked, 'response')
    return { status: response.statusCode, headers: response.headers, body: await text(response) }
  }

  it.each([
    ['/', 200, '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/index.html?x=1', 200, '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/about', 200, 'about', 'text/html; charset=utf-8'],
    ['/people/', 200, 'people', 'text/html; charset=utf-8'],
    ['/css/a.css', 200, 'a{}', 'text/css; charset=utf-8'],
    ['/data/%C3%A4%20b.json', 200, '{}', 'application/json; charset=utf-8'],
    ['/.well-known/security.txt', 200, 'contact', 'text/plain; charset=utf-8'],
    ['/nowhere', 404, 'not here', 'text/html; charset=utf-8'],
  ])('answers %s', async (path, status, body, type) => {
    const answer = await ask(path)
    expect(answer).toMatchObject({
      status,
      body,
      headers: { 'content-type': type, 'x-content-type-options': 'nosniff' },
    })
  })

  it('sends a folder without its slash there, on this host only', async () => {
    expect(await ask('/people?x=1')).toMatchObject({ status: 301, headers: { location: '/people/?x=1' } })
    expect((await ask('//evil.example/people')).status).toBe(400)
  })

  it.each([
    '/../outside.txt',
    '/..%2foutside.txt',
    '/%2e%2e/outside.txt',
    '/css/../../outside.txt',
    '/..%5coutside.txt',
    '/link.txt',
    '/.secret',
    '/.git/config',
    '/css/.%2e/.secret',
    '/index.html%00',
    '/%ff',
    '/index.html/',
    '*',
    'http://other/',
  ])('gives nothing for %s', async (path) => {
    const answer = await ask(path)
    expect([400, 404]).toContain(answer.status)
    expect(answer.body).not.toContain('secret')
  })

  it('answers 304 to who has the file already, HEAD without a body, and 405 to what would change something', async () => {
    const { headers } = await ask('/css/a.css')
    expect(await ask('/css/a.css', { 'if-none-match': `"x", ${headers.etag}` })).toMatchObject({
      status: 304,
      body: '',
    })
    expect(await ask('/css/a.css', {}, 'HEAD')).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '3' },
    })
    expect((await ask('/css/a.css', {}, 'POST')).status).toBe(405)
  })

  it.each([
    ['bytes=4-6', 206, 'hom', 'bytes 4-6/13'],
    ['bytes=-5', 206, '</h1>', 'bytes 8-12/13'],
    ['bytes=9-', 206, '/h1>', 'bytes 9-12/13'],
    ['bytes=2-99', 206, '1>home</h1>', 'bytes 2-12/13'],
    ['bytes=13-', 416, undefined, 'bytes */13'],
    ['bytes=5-3', 416, undefined, 'bytes */13'],
    ['bytes=0-1,3-4', 200, '<h1>home</h1>', undefined],
    ['lines=1-2', 200, '<h1>home</h1>', undefined],
  ])('answers the range %s with %s', async (range, status, body, content) => {
    const answer = await ask('/', { range })
    expect(answer.status).toBe(status)
    expect(answer.headers['content-range']).toBe(content)
    if (body !== undefined) expect(answer.body).toBe(body)
  })
})
