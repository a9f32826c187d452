import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../../helpers/temp.ts'
import { built } from '../../use-cloud.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer
}
type Ask = (given?: {
  method?: string
  path?: string
  query?: string
  headers?: Record<string, string>
  body?: string
}) => Promise<Answer>

/** The module as it travels: beside `app/` and `pipi.json`. */
async function answering(name: string, main: string, files: Record<string, string>): Promise<Ask> {
  const folder = await tempFolder('function')
  await copyFile(join(import.meta.dirname, `../../../../engines/parts/bootstrap/${name}`), join(folder, 'answer.mjs'))
  await writeFile(join(folder, 'pipi.json'), JSON.stringify({ main }))
  await symlink((await built({ 'package.json': '{"type":"module"}', ...files })).path, join(folder, 'app'))
  const { answer } = (await import(pathToFileURL(join(folder, 'answer.mjs')).href)) as {
    answer: (request: unknown) => Promise<Answer>
  }
  const before = process.cwd()
  onTestFinished(() => process.chdir(before))
  return ({ body = '', ...given } = {}) =>
    answer({ method: 'GET', path: '/', query: '', headers: {}, body: Buffer.from(body), ...given })
}

describe('a function of the workspace', () => {
  it('takes a web request with all that came, and what it responds goes back with all that it says', async () => {
    const ask = await answering('answer-function.mjs', 'index.js', {
      'index.js': `export default async (request) => {
        const seen = { method: request.method, url: request.url, agent: request.headers.get('x-agent'), body: await request.text() }
        const response = Response.json(seen, { status: 201 })
        response.headers.append('set-cookie', 'a=1')
        response.headers.append('set-cookie', 'b=2')
        return response
      }`,
    })
    const headers = { host: 'lab.example', 'x-forwarded-proto': 'https', 'x-agent': 'test' }
    const answer = await ask({ method: 'POST', path: '//evil.example/a', query: 'b=c', headers, body: 'grüße' })
    expect(answer.status).toBe(201)
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(JSON.parse(answer.body.toString())).toEqual({
      method: 'POST',
      url: 'https://lab.example//evil.example/a?b=c',
      agent: 'test',
      body: 'grüße',
    })
  })

  it.each([
    ['has no function as its default export', 'export default 42'],
    ['has to give a Response', 'export default () => "text"'],
    ['broken inside', 'export default () => { throw new Error("broken inside") }'],
  ])('fails and says why: it %s', async (why, code) => {
    const ask = await answering('answer-function.mjs', 'index.js', { 'index.js': code })
    await expect(ask()).rejects.toThrow(why)
  })
})

describe('a job of the workspace', () => {
  it('runs from its beginning each time, until nothing of it is under way, and fails where it does', async () => {
    const folder = await tempFolder('runs')
    const ask = await answering('answer-job.mjs', 'job.js', {
      'job.js': `import { appendFileSync, readFileSync } from 'node:fs'
      setTimeout(() => {
        appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x')
        const runs = readFileSync(${JSON.stringify(join(folder, 'runs'))}, 'utf8').length
        if (runs === 3) process.exit(3)
        if (runs === 4) throw new Error('the fourth run is broken')
      }, 1)`,
    })
    const statuses: number[] = []
    for (let run = 0; run < 5; run += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual([200, 200, 500, 500, 200])
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('xxxxx')
  })
})
