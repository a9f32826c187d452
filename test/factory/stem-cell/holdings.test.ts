import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

describe('what runs stays held, whatever happens to a later deployment', () => {
  let lab: Lab
  let source: string
  let held: Record<string, number>
  const site = manifest([{ kind: 'site', name: 'site' }])
  const rules = () => Object.entries(lab.engine.rules)
  beforeAll(async () => {
    const folder = await tempFolder()
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>held</h1>' })
    expect((await lab.carry('deploy', site, { source })).status).toBe('succeeded')
    held = await lab.meters()
    expect(Object.keys(held).length).toBeGreaterThan(0)
  })
  afterAll(() => lab?.close())

  /** Until the returned function is called no rule can say what anything takes, as when the facts are past their date. */
  function staleFacts(): () => void {
    const before = rules().map(([type, rule]) => [type, rule.demand] as const)
    for (const [, rule] of rules()) {
      rule.demand = () => ({ ok: false, code: 'lock.stale-facts', message: 'past their date', hint: 'check them' })
    }
    return () => {
      for (const [type, demand] of before) Object.assign(lab.engine.rules[type] ?? {}, { demand })
    }
  }

  it('when it is refused because the facts are past their date', async () => {
    const fresh = staleFacts()
    const refused = await lab.carry('deploy', site, { source })
    fresh()
    expect(refused.status).toBe('refused')
    expect(await lab.meters()).toEqual(held)
  })

  it('when it expects less and fails before anything was changed', async () => {
    const less = manifest([{ kind: 'site', name: 'site', path: 'nowhere', expect: { requests: 1, egressMb: 1 } }])
    const failed = await lab.carry('deploy', less, { source })
    expect(failed.status).toBe('failed')
    expect(await lab.meters()).toEqual(held)
  })

  it('when it asks for more and is refused, or fails before anything was changed', async () => {
    const more = { requests: 900_000, egressMb: 90_000 }
    const tooMuch = manifest([{ kind: 'site', name: 'site', expect: { ...more, egressMb: 200_000 } }])
    expect((await lab.carry('deploy', tooMuch, { source })).status).toBe('refused')
    expect(await lab.meters()).toEqual(held)
    const failing = manifest([{ kind: 'site', name: 'site', path: 'nowhere', expect: more }])
    expect((await lab.carry('deploy', failing, { source })).status).toBe('failed')
    expect(await lab.meters()).toEqual(held)
  })

  it('when it is a refresh, which nothing has to allow', async () => {
    const fresh = staleFacts()
    const refreshed = await lab.carry('refresh', site)
    fresh()
    expect(refreshed.refusal ?? refreshed.error).toBeUndefined()
    expect(await lab.meters()).toEqual(held)
  })

  it('when the state is lost, and the next deploy adopts all of it', async () => {
    const before = (await lab.admin('/inventory')).resources as unknown[]
    await lab.db.transaction(async (tx) => {
      await tx.query(`select set_config('pipi.token', token::text, true) from pipi.leases`)
      await tx.query('delete from pulumi_aws.aws_state where key like $1', ['%.json'])
    })
    expect((await lab.carry('refresh', site)).status).toBe('succeeded')
    expect(await lab.meters()).toEqual(held)
    expect(await lab.carry('destroy', site)).toMatchObject({
      status: 'failed',
      error: { code: 'recovery.needs-decision' },
    })
    expect(await lab.meters()).toEqual(held)
    const again = await lab.carry('deploy', site, { source })
    expect(again.error ?? again.refusal).toBeUndefined()
    expect((await lab.admin('/inventory')).resources).toHaveLength(before.length)
    expect(await lab.meters()).toEqual(held)
  })

  it('when it is a destroy that fails in the middle, with facts past their date', async () => {
    const fresh = staleFacts()
    await lab.admin('/fault', { kind: 'throttle', type: 'aws:lambda/function:Function', operation: 'delete', count: 9 })
    const failed = await lab.carry('destroy', site)
    fresh()
    expect(failed.status).toBe('failed')
    expect((await lab.meters())['aws-lambda.requests']).toBe(held['aws-lambda.requests'])
  })
})
