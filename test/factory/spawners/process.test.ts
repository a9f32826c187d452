import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunningClone } from '../../../factory/contract/spawner.ts'
import { type ProcessSpawnerOptions, processSpawner } from '../../../factory/spawners/process.ts'
import { processesOf } from '../../helpers/leaks.ts'
import { currentTag } from '../../helpers/tag.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

/** A clone in miniature: tells what it is told, starts a child as a CLI would be, ends when told or when its parent dies. */
const CHILD = `
const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')
const cli = spawn('sleep', ['600'], { stdio: 'ignore' })
const mode = process.argv.at(-1)
console.log(JSON.stringify({ pid: process.pid, cli: cli.pid, environment: process.env }))
const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const told = JSON.parse(line)
  console.log(JSON.stringify({ told }))
  if (told.order === 'drain') setTimeout(() => { cli.kill(); process.exit(0) }, 50)
  if (told.order === 'stop' && mode !== 'stubborn') { cli.kill(); process.exit(0) }
})
lines.on('close', () => { if (mode !== 'stubborn') { cli.kill(); process.exit(0) } })
if (mode === 'crash') { console.error('no luck today'); process.exitCode = 3; setTimeout(() => process.exit(3), 50) }
`

async function spawned(mode: string): Promise<{ clone: RunningClone; lines: Record<string, never>[] }> {
  const lines: Record<string, never>[] = []
  const folder = await tempFolder()
  const options: ProcessSpawnerOptions = {
    command: () => [process.execPath, '-e', CHILD, '--', mode],
    environment: () => ({ PATH: process.env.PATH ?? '', TMPDIR: join(folder, 'tmp') }),
    cwd: folder,
    birth: async (engine, clone) => ({ engine, clone, secret: 'x7-secret' }),
    onLine: (_, line) => lines.push(JSON.parse(line)),
  }
  return { clone: await processSpawner(options).spawn('abc', 'abc-1'), lines }
}

const said = (lines: Record<string, unknown>[]) => JSON.stringify(lines)

describe('the process spawner', () => {
  it('tells the clone its birth on standard input, never in arguments or environment', async () => {
    const { clone, lines } = await spawned('obedient')
    await waitFor('the birth message', () => said(lines).includes('x7-secret'))
    expect(lines[1]).toEqual({ told: { engine: 'abc', clone: 'abc-1', secret: 'x7-secret' } })
    expect(Object.keys((lines[0] as { environment: object } | undefined)?.environment ?? {}).sort()).toEqual([
      'PATH',
      'TMPDIR',
    ])
    expect(
      processesOf(currentTag())
        .map((one) => one.command)
        .join(),
    ).not.toContain('x7-secret')
    await clone.stop(5_000)
  })

  it('drains: the clone ends by itself, and that was expected', async () => {
    const { clone } = await spawned('obedient')
    clone.drain()
    expect(await clone.ended).toMatchObject({ code: 0, expected: true })
  })

  it('ends a stubborn clone with force after the grace, and everything that it had started', async () => {
    const { clone, lines } = await spawned('stubborn')
    await waitFor('it to run', () => lines.length > 0)
    await clone.stop(100)
    expect(await clone.ended).toMatchObject({ signal: 'SIGKILL', expected: true })
    await waitFor('its child to be gone', () => !processesOf(currentTag()).some((one) => one.command.includes('sleep')))
  })

  it('reports a clone that ends by itself, with its last words, and ends what it left behind', async () => {
    const { clone } = await spawned('crash')
    expect(await clone.ended).toMatchObject({ code: 3, expected: false, lastWords: ['no luck today'] })
    await waitFor('its child to be gone', () => !processesOf(currentTag()).some((one) => one.command.includes('sleep')))
  })

  it('refuses a program that is not there', async () => {
    const spawner = processSpawner({
      command: () => ['/no/such/program'],
      environment: () => ({}),
      cwd: '/',
      birth: async () => ({}),
      onLine: () => undefined,
    })
    await expect(spawner.spawn('abc', 'abc-2')).rejects.toMatchObject({ code: 'engine.crashed' })
  })
})
