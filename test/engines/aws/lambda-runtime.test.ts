import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import lambdaRuntime from '../../../engines/aws/sandbox/lambda-runtime.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { unpackZip } from '../../../stacks/sandbox/zip/unpack.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { built, component, packed, SITE_FILES } from '../use-cloud.ts'

const request = { method: 'GET', path: '/', query: '', headers: {}, body: new Uint8Array() }

describe('a function in the Lambda runtime', () => {
  it('is the real bootstrap out of the real zip: bytes come back as they were', async () => {
    const { artifact } = await packed(await loadEngine('aws'), component({ kind: 'site', name: 'pages' }), SITE_FILES)
    if (artifact.travels !== 'file') throw new Error('expected a file')
    const folder = join(await tempFolder('task'), 'task')
    await unpackZip(await readFile(artifact.path), folder)
    const invoke = await lambdaRuntime(folder, { handler: 'index.handler', region: 'us-east-1', account: '1' })
    const logo = await invoke({ ...request, path: '/logo.png' })
    expect([logo.status, logo.headers['content-type'], Buffer.from(logo.body).toString()]).toEqual([
      200,
      'image/png',
      SITE_FILES['logo.png'],
    ])
    expect(Buffer.from((await invoke(request)).body).toString()).toBe(SITE_FILES['index.html'])
    expect((await invoke({ ...request, path: '/papers' })).headers.location).toBe('/papers/')
  })

  it('gets an event of format 2.0, and may answer in each form that Lambda takes', async () => {
    const { path } = await built({
      'index.mjs': `export const handler = async (event) => {
        if (event.rawPath === '/plain') return { hello: 'plain' }
        if (event.rawPath === '/text') return 'text'
        return { statusCode: 201, headers: { 'x-a': '1' }, cookies: ['a=1', 'b=2'], body: Buffer.from(JSON.stringify(event)).toString('base64'), isBase64Encoded: true }
      }`,
    })
    const invoke = await lambdaRuntime(path, { handler: 'index.handler', region: 'us-east-1', account: '412908557311' })
    const answer = await invoke({
      method: 'PUT',
      path: '/x',
      query: 'a=1&a=2',
      headers: { Cookie: 'k=v; l=w', 'X-Test': 'yes' },
      body: Buffer.from([0xff, 0x00]),
    })
    expect(answer).toMatchObject({ status: 201, headers: { 'x-a': '1', 'set-cookie': ['a=1', 'b=2'] } })
    expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({
      version: '2.0',
      rawPath: '/x',
      rawQueryString: 'a=1&a=2',
      cookies: ['k=v', 'l=w'],
      headers: { 'x-test': 'yes' },
      requestContext: { http: { method: 'PUT', path: '/x' }, accountId: '412908557311' },
      body: '/wA=',
      isBase64Encoded: true,
    })
    expect(Buffer.from((await invoke({ ...request, path: '/plain' })).body).toString()).toBe('{"hello":"plain"}')
    expect(Buffer.from((await invoke({ ...request, path: '/text' })).body).toString()).toBe('text')
  })

  it('says what is missing, as Lambda does', async () => {
    const { path } = await built({ 'index.mjs': 'export const other = 1' })
    await expect(lambdaRuntime(path, { handler: 'index.handler' })).rejects.toThrow('Runtime.HandlerNotFound')
    await expect(lambdaRuntime(path, { handler: 'main.handler' })).rejects.toThrow('Runtime.ImportModuleError')
  })
})
