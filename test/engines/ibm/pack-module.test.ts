import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { packModule } from '../../../engines/ibm/programs/pack-module.ts'
import { argumentsOf, evaluated, responseOf } from '../../../engines/ibm/sandbox/function-runtime.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { built, component } from '../use-cloud.ts'

async function packed(files: Record<string, string>) {
  const artifact = await packModule(
    await built(files),
    component({ kind: 'site', name: 'site' }),
    await tempFolder('m'),
  )
  if (artifact.travels !== 'file') throw new Error(`it travels as ${artifact.travels}`)
  return { ...artifact, text: await readFile(artifact.path, 'utf8') }
}

describe('the one module that a function’s code is', () => {
  it('is the same for the same files, and another for others', async () => {
    const [one, again, other] = await Promise.all([
      packed({ 'a.html': 'a', 'b/c.html': 'c' }),
      packed({ 'b/c.html': 'c', 'a.html': 'a' }),
      packed({ 'a.html': 'a', 'b/c.html': 'd' }),
    ])
    expect(again.digest).toBe(one.digest)
    expect(other.digest).not.toBe(one.digest)
  })

  it('answers as the platform evaluates it: text as text, JSON as what it says, the rest in base64', async () => {
    const files = { 'index.html': '<h1>Ü</h1>', 'data.json': '{"a":[1]}', 'logo.svg': '<svg/>', 'paper.pdf': '%PDF' }
    const main = evaluated((await packed(files)).text)
    const request = { method: 'GET', query: '', headers: { 'accept-encoding': 'br' }, body: new Uint8Array() }
    const raw = (path: string) => main(argumentsOf({ ...request, path }))
    expect((await raw('/')).body).toBe('<h1>Ü</h1>')
    expect((await raw('/data.json')).body).toEqual({ a: [1] })
    expect((await raw('/logo.svg')).body).toBe(Buffer.from('<svg/>').toString('base64'))
    for (const [path, text] of [
      ['/', '<h1>Ü</h1>'],
      ['/data.json', '{"a":[1]}'],
      ['/logo.svg', '<svg/>'],
    ] as const)
      expect(Buffer.from(responseOf(await raw(path)).body).toString(), path).toBe(text)
    expect((await raw('/nowhere')).statusCode).toBe(404)
  })

  it('is refused beyond what Code Engine takes inline, with both figures', async () => {
    await expect(packed({ 'index.html': randomBytes(60_000).toString('hex') })).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(/"site" has \d+\.\d kB packed, and at most 75\.0 kB/),
    })
  })
})
