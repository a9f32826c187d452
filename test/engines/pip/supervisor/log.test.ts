import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../../../engines/pip/supervisor/log.ts'
import { LOG_MIB } from '../../../../engines/pip/supervisor/spec.ts'
import { tempFolder } from '../../../helpers/temp.ts'

describe('the log of a process', () => {
  it('is spread over a few files without losing, cutting or mixing a line, and stays within its size', async () => {
    const folder = await tempFolder('log')
    const log = await openLog(join(folder, 'demo.log'))
    const voice = log.voice()
    const count = 25_000
    // Two streams at once, in pieces that end anywhere.
    await Promise.all(['out', 'err'].map((name) => voice.follow(Readable.from(odd(lines(name, count))))))
    const names = (await readdir(folder)).sort().reverse()
    expect(names).toEqual(['demo.log.3', 'demo.log.2', 'demo.log.1', 'demo.log'])
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LOG_MIB * 1024 ** 2)
    const all = (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('').split('\n')
    for (const name of ['out', 'err']) {
      const kept = all.filter((line) => line.startsWith(name))
      // The oldest have gone with their file; from the first that is there on, all are.
      expect(kept).toEqual(lines(name, count).slice(count - kept.length))
      expect(kept.length).toBeGreaterThan(10_000)
    }
    expect(voice.lastLines()).toHaveLength(40)
    await log.remove()
    expect(await readdir(folder)).toEqual([])
  })

  it('writes a line without end in pieces, and the last one also without an end of line', async () => {
    const folder = await tempFolder('log')
    const log = await openLog(join(folder, 'demo.log'))
    await log.voice().follow(Readable.from(['x'.repeat(200_000), 'last']))
    const written = await readFile(join(folder, 'demo.log'), 'utf8')
    expect(written.replaceAll('\n', '')).toBe(`${'x'.repeat(200_000)}last`)
    expect(written.endsWith('last\n')).toBe(true)
  })
})

function lines(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} line ${index} ${'.'.repeat(index % 40)}`)
}

function* odd(all: string[]): Generator<Buffer> {
  const bytes = Buffer.from(`${all.join('\n')}\n`)
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 4093 || 1)
    yield bytes.subarray(at, at + size)
}
