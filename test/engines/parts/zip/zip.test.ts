import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { packFunction } from '../../../../engines/parts/zip/function-zip.ts'
import { entriesOf, writeZip } from '../../../../engines/parts/zip/zip.ts'
import { readZip } from '../../../../stacks/sandbox/zip/read.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { built, component } from '../../use-cloud.ts'

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../../engines/parts/zip/zip.ts')).href

describe('a zip', () => {
  it('has the same bytes for the same files, whatever their times, order and time zone', async () => {
    const one = (await built({ 'b.txt': 'b', 'a/c.txt': 'c' })).path
    const two = (await built({ 'a/c.txt': 'c', 'b.txt': 'b' })).path
    await utimes(join(two, 'b.txt'), 1, 1)
    const target = join(await tempFolder('zips'), 'z.zip')
    const { digest, size } = await writeZip(await entriesOf(one, 'app'), target)
    expect(size).toBe((await readFile(target)).length)
    expect((await writeZip((await entriesOf(two, 'app')).reverse(), target)).digest).toBe(digest)
    const script = `const { writeZip, entriesOf } = await import(${JSON.stringify(MODULE)})
      console.log((await writeZip(await entriesOf(${JSON.stringify(one)}, 'app'), ${JSON.stringify(target)})).digest)`
    for (const TZ of ['Asia/Tokyo', 'America/New_York']) {
      const shown = execFileSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
        { encoding: 'utf8', env: { ...process.env, TZ } },
      )
      expect(shown.trim()).toBe(digest)
    }
  })

  it('has other bytes when a file or its mode is another', async () => {
    const target = join(await tempFolder('zips'), 'z.zip')
    const { path } = await built({ 'run.sh': 'exit 0' })
    const digests = [(await writeZip(await entriesOf(path, 'app'), target)).digest]
    await chmod(join(path, 'run.sh'), 0o755)
    digests.push((await writeZip(await entriesOf(path, 'app'), target)).digest)
    await writeFile(join(path, 'run.sh'), 'exit 1')
    digests.push((await writeZip(await entriesOf(path, 'app'), target)).digest)
    expect(new Set(digests).size).toBe(3)
  })

  it('takes no links but those of npm, which it leaves out', async () => {
    const { path } = await built({ 'index.js': '' })
    await mkdir(join(path, 'node_modules/.bin'), { recursive: true })
    await symlink('../tool/cli.js', join(path, 'node_modules/.bin/tool'))
    expect((await entriesOf(path, 'app')).map((entry) => entry.name)).toEqual(['app/index.js'])
    await symlink('/etc/passwd', join(path, 'passwd'))
    await expect(entriesOf(path, 'app')).rejects.toMatchObject({ code: 'build.failed' })
  })
})

describe('the zip of a function', () => {
  const bootstrap = join(import.meta.dirname, '../../../../engines/aws/bootstrap.mjs')

  it('holds the bootstrap, the answering module, what is to be run, and nothing else', async () => {
    const service = component({ kind: 'service', name: 'api', main: 'src/main.js' })
    const artifact = await packFunction(await built({ 'src/main.js': '' }), service, await tempFolder('packed'), {
      bootstrap,
      as: 'index.mjs',
    })
    if (artifact.travels !== 'file') throw new Error('expected a file')
    const entries = readZip(await readFile(artifact.path))
    expect(entries.map((entry) => entry.path).sort()).toEqual([
      'answer.mjs',
      'app/src/main.js',
      'index.mjs',
      'pipi.json',
    ])
  })

  it('is refused when it is larger than what travels', async () => {
    const noise = Buffer.alloc(53 * 1024 * 1024)
    for (let i = 0; i < noise.length; i += 4) noise.writeInt32LE((Math.imul(i, 2_654_435_761) ^ (i >>> 7)) | 0, i)
    const folder = await built({})
    await writeFile(join(folder.path, 'noise.bin'), noise)
    const packing = packFunction(folder, component({ kind: 'site', name: 'pages' }), await tempFolder('packed'), {
      bootstrap,
      as: 'index.mjs',
    })
    await expect(packing).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringContaining('at most 50.0 MB'),
    })
  })
})
