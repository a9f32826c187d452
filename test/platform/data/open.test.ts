import { spawn } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keep } from '../../../platform/data/keep.ts'
import { lockData } from '../../../platform/data/lock.ts'
import { openData } from '../../../platform/data/open.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('the data folder', () => {
  it('keeps its secrets to its owner, and itself passable for the database user', async () => {
    const folder = join(await tempFolder(), 'new')
    const data = await openData(folder)
    onTestFinished(() => data.close())
    await data.announce('http://127.0.0.1:1')
    expect(await modeOf(folder)).toBe('711')
    for (const secret of ['owner-token', 'secret', 'platform.json', 'lock'])
      expect(await modeOf(join(folder, secret)), secret).toBe('600')
    expect(data.masterKey).toHaveLength(32)
    expect(data.first).toBe(true)
  })

  it('has the same secrets at the next start, and closes them again should they have been opened', async () => {
    const folder = await tempFolder()
    const first = await openData(folder)
    await first.close()
    await writeFile(join(folder, 'secret'), `${first.masterKey.toString('hex')}\n`, { mode: 0o644 })
    const second = await openData(folder)
    onTestFinished(() => second.close())
    expect([second.first, second.ownerToken, second.masterKey]).toEqual([false, first.ownerToken, first.masterKey])
    expect(await modeOf(join(folder, 'secret'))).toBe('600')
  })

  it('says where the platform answers only while it runs', async () => {
    const folder = await tempFolder()
    const data = await openData(folder)
    await data.announce('http://127.0.0.1:4711')
    expect(JSON.parse(await readFile(join(folder, 'platform.json'), 'utf8'))).toEqual({
      url: 'http://127.0.0.1:4711',
      pid: process.pid,
    })
    await data.close()
    await expect(stat(join(folder, 'platform.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('takes a master key from outside, and then writes none', async () => {
    const folder = await tempFolder()
    const data = await openData(folder, 'ab'.repeat(32))
    onTestFinished(() => data.close())
    expect(data.masterKey.toString('hex')).toBe('ab'.repeat(32))
    await expect(stat(join(folder, 'secret'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('gives all who start at once the same secret', async () => {
    const file = join(await tempFolder(), 'secret')
    let made = 0
    const kept = await Promise.all(Array.from({ length: 10 }, () => keep(file, () => `secret-${made++}`)))
    expect(new Set(kept.map((one) => one.value)).size).toBe(1)
    expect(kept.filter((one) => one.made)).toHaveLength(1)
  })

  it('refuses an empty secret instead of making another', async () => {
    const file = join(await tempFolder(), 'secret')
    await writeFile(file, '')
    await expect(keep(file, () => 'another')).rejects.toMatchObject({ code: 'platform.internal' })
  })
})

describe('its lock', () => {
  it('lets one platform in, and tells the second who it is', async () => {
    const folder = await tempFolder()
    const unlock = await lockData(folder)
    await expect(lockData(folder)).rejects.toMatchObject({
      code: 'conflict.state',
      message: expect.stringContaining(String(process.pid)),
    })
    await unlock()
    await (await lockData(folder))()
  })

  it('lets one of many in that start at once', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: 'before' }))
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockData(folder)))
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  it.each([
    ['of a process that is gone', { pid: 2 ** 22 + 1, started: 'x' }],
    ['of a process whose number another has now', { pid: process.pid, started: 'earlier@another-boot' }],
    ['that a crash left half written', undefined],
  ])('is taken over when it is one %s', async (_, holder) => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'lock'), holder === undefined ? '{"pi' : JSON.stringify(holder))
    await (await lockData(folder))()
  })

  it('is taken over from a process that was killed and that nobody has waited for', async () => {
    const folder = await tempFolder()
    // The shell never waits for its child: killed, that stays a zombie.
    const module = join(import.meta.dirname, '../../../platform/data/lock.ts')
    const script = `import { lockData } from ${JSON.stringify(module)}; await lockData(process.argv[1]); console.log('held ' + process.pid); setInterval(() => {}, 1000)`
    const shell = spawn(
      'sh',
      [
        '-c',
        'node=$1; shift; "$node" --input-type=module -e "$1" "$2" & exec sleep 100',
        'sh',
        process.execPath,
        script,
        folder,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    shell.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    await waitFor('the child to hold the lock', () => said.includes('held'))
    await expect(lockData(folder)).rejects.toMatchObject({ code: 'conflict.state' })
    process.kill(Number(/held (\d+)/.exec(said)?.[1]), 'SIGKILL')
    await waitFor('its lock to be free', () => lockData(folder).then((unlock) => unlock().then(() => true)))
    shell.kill('SIGKILL')
  })
})
