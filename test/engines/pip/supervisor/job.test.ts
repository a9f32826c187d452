import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProcess } from '../../../../engines/parts/process/list.ts'
import { JobRuns } from '../../../../engines/pip/supervisor/job-runs.ts'
import { nextTime } from '../../../../engines/pip/supervisor/schedule.ts'
import type { JobRun, ProcessSpec } from '../../../../engines/pip/supervisor/spec.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { openHost, specFor } from './host.ts'
import { SetClock } from './set-clock.ts'

describe('a schedule', () => {
  it.each([
    ['*/15 3 * * *', '2026-03-29T03:44:59Z', '2026-03-29T03:45:00Z'],
    // Clocks of people are moved that night, and ours is not.
    ['30 2 * * *', '2026-03-29T01:00:00Z', '2026-03-29T02:30:00Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    // Cron's old rule: day or weekday.
    ['0 12 13 * 5', '2026-11-13T12:00:00Z', '2026-11-20T12:00:00Z'],
    ['0 6 * * 7', '2026-11-25T00:00:00Z', '2026-11-29T06:00:00Z'],
  ])('"%s" comes after %s at %s', (schedule, after, next) => {
    expect(nextTime(schedule, Date.parse(after))).toBe(Date.parse(next))
  })

  it('is refused when it is none, or never comes', () => {
    expect(() => nextTime('61 * * * *', 0)).toThrow(/is none/)
    expect(() => nextTime('0 0 31 2 *', 0)).toThrow(/never comes/)
  })
})

describe('the runs of a job', () => {
  it('that was cut off by a kill is told as such, keeps its time, and only the last twenty are kept', async () => {
    const path = join(await tempFolder('runs'), 'demo.json')
    const runs = await JobRuns.open(path)
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 10, minute)).toISOString()
    for (let minute = 0; minute < 30; minute += 1) await runs.begin({ at: at(minute), started: at(minute) })
    const again = await JobRuns.open(path)
    expect(again.newestFirst()).toHaveLength(20)
    expect(again.newestFirst()[0]).toMatchObject({ at: at(29), ok: false, outcome: 'was cut off with its supervisor' })
    expect(again.lastTime()).toBe(Date.parse(at(29)))
  })
})

describe('a job on a host', () => {
  const clock = new SetClock('2026-11-25T10:00:30Z')
  let host: Awaited<ReturnType<typeof openHost>>
  let spec: ProcessSpec
  const status = async () => (await host.client.process('demo')) ?? { runs: [], state: undefined, pid: undefined }
  const ended = (count: number) =>
    waitFor(`${count} runs to have ended`, async () => {
      const runs = (await status()).runs?.filter((run) => run.ended !== undefined) ?? []
      return runs.length === count ? (runs as [JobRun, ...JobRun[]]) : undefined
    })

  beforeAll(async () => {
    host = await openHost({}, undefined, clock)
    const files = {
      'job.mjs': `
        console.log('does its work', process.env.PORT)
        if (process.env.FAIL) { console.error('no such table'); process.exit(3) }
        if (process.env.LONG) setInterval(() => {}, 1000)`,
    }
    spec = await specFor(files, { runtime: 'job', main: 'job.mjs', schedule: '*/5 * * * *', timeout: 60 })
  })
  afterAll(() => host.supervisor.close())

  it('has no port, and is not run before its time', async () => {
    const made = await host.client.setProcess(spec)
    expect(made).toMatchObject({ port: 0, url: '', state: 'waiting', runs: [], next: '2026-11-25T10:05:00.000Z' })
  })

  it('is run at its time, in a process of its own, and what it said and how it ended are there', async () => {
    clock.set('2026-11-25T10:05:00Z')
    expect(await ended(1)).toEqual([
      {
        at: '2026-11-25T10:05:00.000Z',
        started: '2026-11-25T10:05:00.000Z',
        ended: '2026-11-25T10:05:00.000Z',
        outcome: 'succeeded',
        ok: true,
      },
    ])
    const { lastLines, next } = (await host.client.process('demo')) ?? {}
    expect(lastLines).toEqual(['does its work undefined'])
    expect(next).toBe('2026-11-25T10:10:00.000Z')
  })

  it('is run in its new version from its next time on, and a failure is told', async () => {
    await host.client.setProcess({ ...spec, environment: { FAIL: '1' } })
    clock.set('2026-11-25T10:10:00Z')
    const [last] = await ended(2)
    expect(last).toMatchObject({ ok: false, outcome: 'ended with exit code 3' })
    expect((await host.client.process('demo'))?.lastLines.slice(-2)[0]).toBe('no such table')
  })

  it('never runs twice at once: times that come while it runs are passed over', async () => {
    await host.client.setProcess({ ...spec, environment: { LONG: '1' } })
    clock.set('2026-11-25T10:15:00Z')
    const pid = await waitFor('it to run', async () => (await status()).pid)
    clock.set('2026-11-25T10:31:00Z')
    expect(await status()).toMatchObject({ pid, state: 'running' })
    process.kill(pid, 'SIGKILL')
    await ended(3)
    expect(await status()).toMatchObject({ state: 'waiting', next: '2026-11-25T10:35:00.000Z' })
  })

  it('is cut off with its supervisor, and the next one runs no time twice, also with a clock that was set back', async () => {
    clock.set('2026-11-25T10:35:00Z')
    const pid = await waitFor('it to run', async () => (await status()).pid)
    await host.supervisor.close()
    expect(await findProcess(pid)).toBeUndefined()
    clock.set('2026-11-25T10:33:00Z')
    host = await openHost({}, host.folder, clock)
    const [last] = await ended(4)
    expect(last).toMatchObject({ at: '2026-11-25T10:35:00.000Z', ok: false, outcome: 'was ended before it was done' })
    expect(await status()).toMatchObject({ next: '2026-11-25T10:40:00.000Z' })
  })

  it('is ended after its time, and three failures in a row are trouble', async () => {
    await host.client.setProcess({ ...spec, environment: { LONG: '1' }, timeout: 1 })
    clock.set('2026-11-25T10:40:00Z')
    const [last] = await ended(5)
    expect(last.outcome).toBe('ran for 1 seconds and was ended')
    expect(await status()).toMatchObject({ trouble: expect.stringContaining('Its last 4 runs failed') })
  })

  it('is refused without its module, and then the old version stays', async () => {
    await expect(host.client.setProcess({ ...spec, main: 'other.mjs' })).rejects.toThrow(/has no other.mjs/)
    expect((await host.client.process('demo'))?.spec.main).toBe('job.mjs')
  })

  it('becomes a service under the same name, and leaves nothing when it is removed', async () => {
    const serving = { ...(await specFor({ 'index.html': 'hello' })), name: 'demo' }
    const { port } = await host.client.setProcess(serving)
    expect(port).toBeGreaterThan(0)
    await host.client.setProcess(spec)
    await host.client.removeProcess('demo')
    await expect(readFile(join(host.folder, 'runs/demo.json'))).rejects.toThrow()
    expect(await host.client.processes()).toEqual([])
  })
})
