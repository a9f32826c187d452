import * as pulumi from '@pulumi/pulumi'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuardRailsContext } from '../../../engines/contract/watch.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { METER, mover, openTrapLab, THING, type TrapLab } from './trap-lab.ts'

class Wall extends pulumi.CustomResource {
  constructor() {
    super(THING, 'wall', { name: 'the-wall' })
  }
}

describe('what a cloud account allows', () => {
  let lab: TrapLab
  beforeAll(async () => {
    lab = await openTrapLab(await tempFolder())
  })
  afterAll(() => lab?.close())
  afterEach(() => lab.db.query('update pipi.cloud_accounts set armed = null, stale_until = null'))

  it('is nothing where the platform calls it another one: refused before anything is asked or made', async () => {
    const done = await lab.carry('deploy', mover('armed', 'armed-one'), { source: lab.source })
    expect(done.error ?? done.refusal).toBeUndefined()
    const before = ((await lab.admin('/calls')) as { calls: unknown[] }).calls.length
    await lab.db.query('update pipi.cloud_accounts set armed = false')
    for (const kind of ['deploy', 'preview', 'destroy', 'refresh'] as const) {
      const refused = await lab.carry(kind, mover('armed', 'armed-two'), { source: lab.source })
      expect(refused).toMatchObject({ status: 'refused', refusal: { code: 'account.mismatch' } })
    }
    expect(((await lab.admin('/calls')) as { calls: unknown[] }).calls).toHaveLength(before)
    expect((await lab.meters())[METER]).toBe(1)
    await lab.db.query('update pipi.cloud_accounts set armed = true')
    expect((await lab.carry('destroy', mover('armed', 'armed-one'))).status).toBe('succeeded')
    expect(await lab.things()).toEqual([])
  })

  it('may be facts past their date, for as long as its owner lets them, and the story says so', async () => {
    const { facts } = lab.engine
    const fresh = facts.checked
    Object.assign(facts, { checked: '2020-01-01' })
    const refused = await lab.carry('deploy', mover('stale', 'stale-one'), { source: lab.source })
    expect(refused).toMatchObject({ status: 'refused', refusal: { code: 'lock.stale-facts' } })
    await lab.db.query(`update pipi.cloud_accounts set stale_until = now() + interval '1 day'`)
    const done = await lab.carry('deploy', mover('stale', 'stale-one'), { source: lab.source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(await lab.story(done)).toContainEqual(
      expect.objectContaining({ text: expect.stringMatching(/^the facts about Trap were checked on 2020-01-01/) }),
    )
    Object.assign(facts, { checked: fresh })
    expect((await lab.carry('destroy', mover('stale', 'stale-one'))).status).toBe('succeeded')
  })

  it('are walls of its own where its engine has some, through the same lock, and nothing of any source', async () => {
    const walls = mover('walls', 'none')
    const without = await lab.carry('secure', walls, { source: lab.source })
    expect(without).toMatchObject({ status: 'refused', refusal: { code: 'lock.no-carrier' } })
    let given: GuardRailsContext | undefined
    const declare = (context: GuardRailsContext) => {
      given = context
      new Wall()
      return { walls: 1 }
    }
    Object.assign(lab.engine, { guardRails: { declare } })
    const done = await lab.carry('secure', walls, { source: lab.source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.outputs).toEqual({ walls: 1 })
    expect(given).toMatchObject({ account: { id: 'trap-account' }, region: 'here', limits: { [METER]: 10 } })
    expect(await lab.things()).toEqual(['the-wall'])
    expect((await lab.meters())[METER]).toBe(1)
    expect((await lab.story(done)).map(({ text }) => text).join('\n')).not.toContain('building')
    expect((await lab.carry('destroy', walls)).status).toBe('succeeded')
    expect(await lab.things()).toEqual([])
  })
})
