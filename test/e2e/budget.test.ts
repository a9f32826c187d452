import { beforeAll, describe, expect, it } from 'vitest'
import { usePlatform } from './helpers/platform.ts'
import { sites } from './helpers/sites.ts'

/** Three static sites are free there, each further one costs 3 USD a month. */
const platform = usePlatform({ PIPI_ENGINES: 'dgo' })

let at: Awaited<ReturnType<typeof sites>>
beforeAll(async () => {
  at = await sites()
})

interface Deployment {
  status: string
  refusal?: { code: string; meter: string; hint: string; alternatives?: { what: string }[] }
}
interface Line {
  meter: string
  limit: number
  held: number
  used: number
  left: number
  leftNext: number
  over: boolean
  holders: { workspace: string; paid?: number }[]
}

async function deploy(name: string, more?: string) {
  const ended = await platform.pipi(
    'deploy',
    await at.manifest(name, more),
    '--git',
    at.url,
    '--engine',
    'dgo',
    '--json',
  )
  return { code: ended.code, deployment: ended.json<Deployment>() }
}
async function meter(name: string): Promise<Line> {
  const { items } = (await platform.pipi('quota', '--all', '--json')).json<{ items: Line[] }>()
  const found = items.find((line) => line.meter === name)
  if (found === undefined) throw new Error(`no meter ${name}`)
  return found
}
const bill = async () => (await platform.pipi('sandbox', 'bill', '--json')).json<{ total: number }>().total
const set = async (usd: string) =>
  (await platform.pipi('budget', 'set', 'dgo', usd, '--json')).json<{ id: string; state: string; says: string }>()

describe('a budget', () => {
  let proposed: { id: string; state: string; says: string }

  it('is 0 at first: what passes the free limit is refused, with its price and how a budget is raised', async () => {
    for (const name of ['site-1', 'site-2', 'site-3']) expect((await deploy(name)).code).toBe(0)
    const { code, deployment } = await deploy('site-4')
    expect(code).toBe(3)
    expect(deployment.refusal).toMatchObject({ code: 'lock.over-limit', meter: 'do-static-sites.apps' })
    expect(deployment.refusal?.hint).toMatch(/3\.00 USD.*budget is 0.*\.\/pipi budget set/)
    expect(await bill()).toBe(0)
  })

  it('that is only proposed changes nothing', async () => {
    proposed = await set('5')
    expect(proposed).toMatchObject({ state: 'open', says: expect.stringContaining('At most 5.00 USD a month') })
    expect((await deploy('site-4')).code).toBe(3)
  })

  it('that was confirmed lets through what it pays for, and no more', async () => {
    expect((await platform.pipi('budget', 'confirm', proposed.id)).code).toBe(0)
    const thrifty = await deploy('thrifty', 'budget: { usdPerMonth: 0 }\n')
    expect(thrifty.code).toBe(3)
    expect(thrifty.deployment.refusal?.hint).toContain('its manifest lets it spend 0.00')
    expect((await deploy('site-4')).code).toBe(0)
    expect(await meter('do-static-sites.apps')).toMatchObject({
      held: 3,
      holders: expect.arrayContaining([expect.objectContaining({ workspace: 'site-4', paid: 1 })]),
    })
    expect(await meter('usd.budget')).toMatchObject({ limit: 5, leftNext: 2, over: false })
    const { code, deployment } = await deploy('site-5')
    expect(code).toBe(3)
    expect(deployment.refusal?.hint).toContain('2.00 of a budget of 5.00 USD is left')
  })

  it('is what the witness bills, at most', async () => {
    expect(await bill()).toBeCloseTo(3)
    const { stdout } = await platform.pipi('quota')
    expect(stdout).toMatch(/budget .* of 5\.00 USD left/)
  })

  it('that is lowered holds at once: its meter is over, nothing more is granted, and what runs goes on', async () => {
    expect(await set('0')).toMatchObject({ state: 'confirmed' })
    expect(await meter('usd.budget')).toMatchObject({ limit: 0, over: true })
    expect((await deploy('site-5')).code).toBe(3)
    const { resources } = (await platform.pipi('sandbox', 'inventory', '--json')).json<{ resources: unknown[] }>()
    expect(resources).toHaveLength(4)
  })

  it('is given back by what it paid for', async () => {
    expect((await platform.pipi('destroy', 'site-4', '--yes')).code).toBe(0)
    const line = await meter('usd.budget')
    expect(line).toMatchObject({ held: 0, holders: [] })
  })
})
