import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

const FUNCTION = 'aws:lambda/function:Function'

describe('a deployment cancelled while the platform does not answer a create', () => {
  let lab: Lab
  let source: string
  const site = (name: string) => manifest([{ kind: 'site', name: 'site' }], name)
  beforeAll(async () => {
    const folder = await tempFolder()
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>cancelled</h1>' })
  })
  afterAll(() => lab?.close())

  const inventory = async () => ((await lab.admin('/inventory')).resources ?? []) as { type: string; urn: string }[]
  const functions = async () => (await inventory()).filter((each) => each.type === FUNCTION).length

  async function cancelled(name: string, moment: 'before' | 'after'): Promise<void> {
    await lab.admin('/fault', { kind: 'hang', moment, type: FUNCTION, operation: 'create' })
    const done = lab.carry('deploy', site(name), { source })
    await waitFor('the create to be under way', async () => {
      const open = await lab.db.query('select from pipi.intents where ended_at is null and type = $1', [FUNCTION])
      return open.length > 0 && (moment === 'before' || (await functions()) > 0)
    })
    await lab.db.query('update pipi.deployments set cancel_requested_at = now() where finished_at is null')
    expect(await done).toMatchObject({ status: 'cancelled', error: { message: 'stopped on request' } })
    expect((await lab.meters())['aws-lambda.requests']).toBeGreaterThan(0)
  }

  async function nothingIsLeft(): Promise<void> {
    expect(await inventory()).toEqual([])
    expect(await lab.meters()).toEqual({})
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
  }

  it.each(['before', 'after'] as const)(
    'keeps what it may have made held, and a destroy clears it up (%s its effect)',
    async (moment) => {
      await cancelled(`gone-${moment}`, moment)
      const gone = await lab.carry('destroy', site(`gone-${moment}`))
      expect(gone.error ?? gone.refusal).toBeUndefined()
      await nothingIsLeft()
    },
  )

  it('deletes what holds data in a destroy only when the request names it', async () => {
    await cancelled('data', 'after')
    Object.assign(lab.engine.rules[FUNCTION] ?? {}, { stateful: true })
    expect(await lab.carry('destroy', site('data'))).toMatchObject({ refusal: { code: 'guard.data-not-named' } })
    expect(await functions()).toBe(1)
    expect((await lab.carry('destroy', site('data'), { deleteData: true })).status).toBe('succeeded')
    Object.assign(lab.engine.rules[FUNCTION] ?? {}, { stateful: false })
    await nothingIsLeft()
  })

  it('keeps what it may have made held, and the next deploy adopts it', async () => {
    await cancelled('again', 'after')
    const again = await lab.carry('deploy', site('again'), { source })
    expect(again.error ?? again.refusal).toBeUndefined()
    expect(await functions()).toBe(1)
    expect((await lab.carry('destroy', site('again'))).status).toBe('succeeded')
    await nothingIsLeft()
  })
})
