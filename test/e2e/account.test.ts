import { describe, expect, it } from 'vitest'
import { usePlatform } from './helpers/platform.ts'

const platform = usePlatform({ PIPI_ENGINES: 'aws,dgo' })

interface Account {
  engine: string
  armed?: boolean
  switch: string
  findings: { what: string; ok: boolean; guard?: boolean }[]
}
const json = async <T>(...args: string[]) => (await platform.pipi(...args, '--json')).json<T>()
const walls = async () => (await json<Account>('account', 'check', 'aws')).findings.filter((one) => one.guard)

describe('a cloud account', () => {
  it('gets walls of its own by a deployment, and they are seen at the platform', async () => {
    expect(await walls()).toContainEqual(expect.objectContaining({ what: 'budget', ok: false }))
    const secured = await platform.pipi('account', 'secure', 'aws')
    expect(secured.code, secured.stderr).toBe(0)
    expect(await walls()).toContainEqual(expect.objectContaining({ what: 'budget', ok: true }))
    const again = await platform.pipi('account', 'secure', 'aws', '--email', 'owner@example.org')
    expect(again.code, again.stderr).toBe(0)
    const { total } = await json<{ total: number }>('sandbox', 'bill')
    expect(total).toBe(0)
  })

  it('whose platform has none says so', async () => {
    const ended = await platform.pipi('account', 'secure', 'dgo')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/lets nobody set walls.*: it has no budget/s)
  })

  it('that is stopped takes nothing new: the refusal says so and names an engine that would', async () => {
    expect((await platform.pipi('account', 'stop', 'aws', '--why', 'a strange bill')).code).toBe(0)
    const refused = await platform.pipi('deploy', 'examples/research-site', '--engine', 'aws', '--json')
    expect(refused.code).toBe(3)
    expect(refused.json()).toMatchObject({
      status: 'refused',
      refusal: {
        code: 'lock.stopped',
        message: expect.stringContaining('a strange bill'),
        alternatives: [expect.objectContaining({ engine: 'dgo' })],
      },
    })
    expect((await platform.pipi('account', 'resume', 'aws')).code).toBe(0)
    expect((await platform.pipi('deploy', 'examples/research-site', '--engine', 'aws')).code).toBe(0)
  })

  it('tells its terms to people and to programs, and refuses what makes no sense', async () => {
    const { stdout } = await platform.pipi('account', 'ls')
    expect(stdout).toMatch(/^aws +\S+ +free-plan +yes +open +agreed/m)
    expect(await json<Account & { proposals: unknown[] }>('account', 'show', 'aws')).toMatchObject({
      engine: 'aws',
      armed: true,
      proposals: [],
    })
    expect((await platform.pipi('account', 'plan', 'aws', 'gold')).code).toBe(2)
    expect((await platform.pipi('account', 'watched', 'aws', 'maybe')).code).toBe(2)
    expect((await platform.pipi('account', 'show', 'zzz')).code).toBe(4)
    expect((await platform.pipi('budget', 'set', 'aws', 'much')).code).toBe(2)
    expect((await platform.pipi('budget', 'confirm', 'p0')).code).toBe(4)
    expect((await platform.pipi('credit', 'ls')).stdout).toContain('No credit')
  })
})
