import { describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { pipi, startPipi } from './helpers/pipi.ts'

const VERBS =
  'quickstart serve deploy preview destroy status list logs cancel queue quota engines stock catalog doctor sandbox bench account budget credit extend drill hosts refresh rollback secret config domains adopt'.split(
    ' ',
  )

describe.concurrent('the command line, without a platform', () => {
  it('lists its verbs, and none that does not work yet', async () => {
    const { code, stdout } = await pipi('--help')
    expect(code).toBe(0)
    const shown = [...stdout.matchAll(/^ {2}([a-z]+)(?= |$)/gm)].map(([, verb]) => verb)
    expect(shown.sort()).toEqual([...VERBS].sort())
  })

  it.each(VERBS)('explains %s', async (verb) => {
    const { code, stdout } = await pipi(verb, '--help')
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: pipi ${verb}`)
    expect(stdout).toContain('--json')
  })

  it('guesses what a mistyped verb was meant to be, and ends with 2', async () => {
    const { code, stderr } = await pipi('depoly')
    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean deploy?')
  })

  it.each([
    [['deploy', '--enigne', 'x'], /Did you mean --engine/],
    [['destroy'], /missing required argument 'workspace'/],
    [['account', 'open'], /missing required argument 'name'/],
    [['account', 'token', 'add', '--role', 'king'], /owner, deployer, viewer/],
    [['sandbox', 'fault'], /--kind/],
    [['sandbox', 'explode'], /unknown command 'explode'/],
    [['serve', '--port', 'ninety'], /a port from 0 to 65535/],
    [['deploy', '--wait-timeout', '-1'], /a number above 0/],
    [['deploy', 'a', 'b'], /too many arguments/],
  ])('ends %j with 2 and says what is wrong', async (args, message) => {
    const { code, stderr } = await pipi(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('says wrong usage as one JSON document with --json', async () => {
    const ended = await pipi('depoly', '--json')
    expect(ended.code).toBe(2)
    expect(ended.json()).toMatchObject({ error: { code: 'input.invalid' } })
  })

  it('says how to start a platform that does not run, and ends with 5', async () => {
    const ended = await pipi('list', '--data', await tempFolder())
    expect(ended.code).toBe(5)
    expect(ended.stderr).toContain('./pipi serve --sandbox')
  })

  it('ends with 5 when nobody listens at the address', async () => {
    const ended = await pipi('list', '--json', '--url', 'http://127.0.0.1:9')
    expect(ended.code).toBe(5)
    expect(ended.json()).toMatchObject({
      error: { code: 'platform.unreachable', hint: expect.stringContaining('./pipi serve') },
    })
  })

  it('refuses an address that is none', async () => {
    expect((await pipi('list', '--url', 'file:///etc/passwd')).code).toBe(2)
  })

  it('asks before it destroys, and does nothing when there is nobody to ask', async () => {
    const ended = await pipi('destroy', 'something', '--data', await tempFolder())
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('--yes')
  })

  it('shows the catalogue, which needs no platform', async () => {
    const ended = await pipi('catalog', 'list', '--json')
    expect(ended.code).toBe(0)
    expect(ended.json<{ items: unknown[] }>().items.length).toBeGreaterThan(19)
    expect((await pipi('catalog', 'lint')).code).toBe(0)
    expect((await pipi('catalog', 'show', 'dgo')).stdout).toContain('Sources')
    expect((await pipi('catalog', 'show', 'xyz')).code).toBe(4)
  })

  it('names every piece of this machine with what was found and wanted', async () => {
    const ended = await pipi('doctor', '--json', '--data', await tempFolder())
    const { checks } = ended.json<{ checks: { name: string; ok: boolean; found: string; wanted: string }[] }>()
    expect(checks.map((it) => it.name)).toEqual(expect.arrayContaining(['Node.js', 'git', 'Pulumi CLI', 'PostgreSQL']))
    for (const check of checks) expect(check.found, check.name).not.toBe('')
  })

  it('works from any folder', async () => {
    const folder = await tempFolder('with space')
    expect((await startPipi(['catalog', 'lint'], { cwd: folder }).ended).code).toBe(0)
  })
})
