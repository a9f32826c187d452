import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Ends } from '../../../../engines/pip/supervisor/ends.ts'
import { Groups } from '../../../../engines/pip/supervisor/groups.ts'
import { keptMib } from '../../../../engines/pip/supervisor/spec.ts'
import { SwitchingRoom } from '../../../../engines/pip/supervisor/switching-room.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const PATIENT = new AbortController().signal

describe('the wait before a restart', () => {
  it('doubles up to the longest, begins anew after a steady run, and a row of ends is told as a loop', () => {
    const ends = new Ends({ restart: 250, longest: 3000, steady: 60_000 })
    expect(Array.from({ length: 6 }, () => ends.add('ended with exit code 1', 10))).toEqual([
      250, 500, 1000, 2000, 3000, 3000,
    ])
    expect(ends.trouble()).toMatch(/^It ended 6 times since .*; last: it ended with exit code 1\.$/)
    expect(ends.add('was ended by SIGKILL', 60_001)).toBe(250)
    expect(ends.trouble()).toBeUndefined()
    expect(ends.count).toBe(7)
  })

  it('is forgotten with the version that it told of', () => {
    const ends = new Ends({ restart: 1, longest: 10, steady: 1000 })
    for (let count = 0; count < 9; count += 1) ends.add('ended', 0)
    ends.forget()
    expect(ends.trouble()).toBeUndefined()
    expect(ends.add('ended', 0)).toBe(1)
  })
})

describe('memory for releases that run beside their successors', () => {
  it('is given in turn, and never more at once than there is', async () => {
    const room = new SwitchingRoom(256)
    const [first, second] = [await room.beside(128, 1000, PATIENT), await room.beside(128, 1000, PATIENT)]
    const order: string[] = []
    const large = room.beside(200, 10_000, PATIENT).then((give) => {
      order.push('large')
      return give
    })
    // Small enough for what is left later, and yet it waits for whom it came after.
    const small = room.beside(64, 10_000, PATIENT).then((give) => {
      order.push('small')
      return give
    })
    first()
    first()
    await new Promise(setImmediate)
    expect(order).toEqual([])
    second()
    ;(await large)()
    ;(await small)()
    expect(order).toEqual(['large', 'small'])
  })

  it('is given to one alone however large it is, to nothing at all at once, and refused to who waited too long', async () => {
    const room = new SwitchingRoom(64)
    const give = await room.beside(500, 10, PATIENT)
    await room.beside(0, 10, PATIENT)
    await expect(room.beside(1, 10, PATIENT)).rejects.toMatchObject({ code: 'platform.busy' })
    const over = new AbortController()
    const waiting = room.beside(1, 10_000, over.signal)
    over.abort(new Error('removed'))
    await expect(waiting).rejects.toThrow('removed')
    give()
    await room.beside(64, 10, PATIENT)
  })
})

describe('releases that are kept', () => {
  it.each([
    [1, 16],
    [10, 40],
    [64, 256],
    [5000, 256],
  ])('beside one of %i MiB may take %i MiB', (files, kept) => {
    expect(keptMib(files)).toBe(kept)
  })
})

// This folder stands for the kernel's: which files are written with what. Whether a kernel obeys is not shown here.
describe('control groups', () => {
  async function mount(controllers: string): Promise<{ folder: string; self: string }> {
    const folder = await tempFolder('groups')
    await mkdir(join(folder, 'system.slice/pipi.service'), { recursive: true })
    await writeFile(join(folder, 'system.slice/pipi.service/cgroup.controllers'), `${controllers}\n`)
    await writeFile(join(folder, 'self'), '0::/system.slice/pipi.service\n')
    return { folder, self: join(folder, 'self') }
  }

  it('bound memory, processes and the share of the processor, where systemd delegates them', async () => {
    const { folder, self } = await mount('cpuset cpu io memory pids')
    const groups = await Groups.open(folder, self)
    const own = join(folder, 'system.slice/pipi.service')
    expect(await readFile(join(own, 'supervisor/cgroup.procs'), 'utf8')).toBe(String(process.pid))
    expect(await readFile(join(own, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu')
    const group = (await groups?.make('/host/instances/demo-1', 128)) ?? ''
    const set = (file: string) => readFile(join(group, file), 'utf8')
    expect(group).toBe(join(own, 'pipi-demo-1'))
    expect(Number(await set('memory.max'))).toBe(192 * 1024 ** 2)
    expect([await set('memory.swap.max'), await set('memory.oom.group'), await set('pids.max')]).toEqual([
      '0',
      '1',
      '512',
    ])
    await writeFile(join(group, 'memory.events'), 'low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\n')
    expect(await groups?.whyEnded('/host/instances/demo-1')).toMatch(/ended by the kernel/)
  })

  it('are left alone where they are not ours to make', async () => {
    const { folder, self } = await mount('cpuset cpu io')
    expect(await Groups.open(folder, self)).toBeUndefined()
    await writeFile(self, '9:name=systemd:/\n0::/\n')
    expect(await Groups.open(folder, self)).toBeUndefined()
  })
})
