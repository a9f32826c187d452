import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withLock } from '../../../../engines/parts/build/lock.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal

describe('a lock', () => {
  it('is held by one at a time, and leaves nothing behind', async () => {
    const folder = await tempFolder('lock')
    let [inside, most, done] = [0, 0, 0]
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await readdir(folder)
      inside -= 1
      done += 1
    }
    await Promise.all([1, 2, 3, 4].map(() => withLock(join(folder, 'one.lock'), signal, work)))
    expect([most, done]).toEqual([1, 4])
    expect(await readdir(folder)).toEqual([])
  })

  it('of a process that has died is taken over, also when its number lives again', async () => {
    const file = join(await tempFolder('lock'), 'one.lock')
    for (const holder of ['999999999 1 x', `${process.pid} 1 x`]) {
      await writeFile(file, holder)
      expect(await withLock(file, signal, async () => 'done')).toBe('done')
    }
  })

  it('is waited for no longer than who waits wants to, and let go by who fails', async () => {
    const file = join(await tempFolder('lock'), 'one.lock')
    await withLock(file, signal, async () => {
      await expect(withLock(file, AbortSignal.timeout(150), async () => undefined)).rejects.toThrow()
    })
    await expect(withLock(file, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(file, signal, async () => 'again')).toBe('again')
  })
})
