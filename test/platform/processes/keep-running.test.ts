import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { keepRunning } from '../../../platform/processes/keep-running.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const PROGRAM = `
const lines = require('node:readline').createInterface({ input: process.stdin })
const mode = process.argv.at(-1)
if (mode === 'mute') setInterval(() => {}, 1000)
else if (mode === 'broken') { console.error('cannot find my shoes'); process.exit(3) }
else lines.once('line', (told) => console.log('starting') || console.log(JSON.stringify({ ready: true, pid: process.pid, told })))
lines.on('close', () => process.exit(0))
process.on('SIGTERM', () => { if (mode !== 'stubborn') process.exit(0) })
`

async function kept(mode: string, readyWithinMs = 20_000) {
  const seen: number[] = []
  const folder = await tempFolder()
  const running = await keepRunning({
    name: 'the program',
    command: [process.execPath, '-e', PROGRAM, '--', mode],
    environment: { PATH: process.env.PATH ?? '', TMPDIR: folder },
    cwd: folder,
    input: 'the word',
    ready: z.object({ ready: z.literal(true), pid: z.number(), told: z.string() }),
    readyWithinMs,
    log: () => undefined,
    onReady: ({ pid }) => seen.push(pid),
  })
  onTestFinished(() => running.stop(0))
  return { running, seen }
}

const lives = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a process that is kept running', () => {
  it('is told on its standard input, and ready when it says so', async () => {
    const { running } = await kept('good')
    expect(running.current()).toMatchObject({ told: 'the word' })
  })

  it('is started again when it ends by itself', async () => {
    const { running, seen } = await kept('good')
    process.kill(running.current().pid, 'SIGKILL')
    await waitFor('it to be there again', () => seen.length === 2)
    expect(running.current().pid).toBe(seen[1])
  })

  it('ends when it is stopped, and stays ended', async () => {
    const { running, seen } = await kept('good')
    await running.stop(10_000)
    expect(seen.map(lives)).toEqual([false])
  })

  it('ends by force when it does not want to', async () => {
    const { running, seen } = await kept('stubborn')
    await running.stop(50)
    expect(seen.map(lives)).toEqual([false])
  })

  it('tells why it does not start, in its own words', async () => {
    await expect(kept('broken')).rejects.toMatchObject({
      code: 'engine.crashed',
      message: expect.stringContaining('cannot find my shoes'),
    })
  })

  it('is given up when it is not ready in time, and is gone then', async () => {
    await expect(kept('mute', 300)).rejects.toMatchObject({
      code: 'engine.crashed',
      message: expect.stringContaining('not ready within'),
    })
  })
})
