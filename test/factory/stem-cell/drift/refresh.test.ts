import * as pulumi from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProgramModule } from '../../../../engines/contract/engine.ts'
import type { Manifest } from '../../../../engines/contract/manifest.ts'
import { accept } from '../../../../platform/store/accept.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { mover, openTrapLab, THING, type TrapLab } from '../trap-lab.ts'

const CANARY = 'canary-of-a-drifting-secret'

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: Record<string, unknown>) {
    super(THING, name, inputs)
  }
}

const site: ProgramModule<'site'> = {
  kind: 'site',
  pack: async (built) => ({ travels: 'folder', path: built.path, digest: built.digest }),
  declare({ environment }) {
    new Thing('thing', { name: environment.THING_NAME, size: 'small', password: pulumi.secret(CANARY) })
    return { url: '' }
  },
}

describe('a refresh', () => {
  let lab: TrapLab
  beforeAll(async () => {
    lab = await openTrapLab(await tempFolder())
    Object.assign(lab.engine, { programs: { site } })
  })
  afterAll(() => lab?.close())

  const planted = (id: string, set: Record<string, unknown> | 'gone') =>
    lab.admin('/drift', set === 'gone' ? { id, delete: true } : { id, set })
  const deployed = async (name: string): Promise<Manifest> => {
    const made = mover(name, name)
    const done = await lab.carry('deploy', made, { source: lab.source })
    expect(done.error ?? done.refusal).toBeUndefined()
    return made
  }
  const sizeOf = async (id: string) =>
    ((await lab.admin('/inventory')).resources as { id: string; inputs: { size: string } }[]).find(
      (one) => one.id === id,
    )?.inputs.size
  const found = (set: unknown[]) => ({ status: 'succeeded', drift: { found: set, repaired: false } })
  const changed = (id: string, was: string, is: string) => ({
    ...{ id, type: THING, what: 'changed' },
    properties: [{ path: 'size', was: JSON.stringify(was), is: JSON.stringify(is), declared: true }],
  })

  it('finds nothing where all stands as it was deployed, and changes nothing', async () => {
    const made = await deployed('same')
    const before = await lab.changes()
    expect(await lab.carry('refresh', made)).toMatchObject(found([]))
    expect(await lab.changes()).toEqual(before)
  })

  it('shows what was changed behind our back in the deployment and its story, as long as it is so', async () => {
    const made = await deployed('drifted')
    await planted('drifted', { size: 'large' })
    const seen = await lab.carry('refresh', made)
    expect(seen).toMatchObject(found([changed('drifted', 'small', 'large')]))
    expect((await lab.story(seen)).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['thing size: "small" -> "large"', expect.stringContaining('--repair sets it back')]),
    )
    // The state knows by now; the owner still meant another one.
    expect(await lab.carry('refresh', made)).toMatchObject(found([changed('drifted', 'small', 'large')]))
    await planted('drifted', { size: 'larger' })
    expect(await lab.carry('refresh', made)).toMatchObject(found([changed('drifted', 'small', 'larger')]))
    await planted('drifted', { size: 'small' })
    expect(await lab.carry('refresh', made)).toMatchObject(found([]))
  })

  it('sets it back through the guard when that is asked for', async () => {
    const made = await deployed('mended')
    await planted('mended', { size: 'large' })
    const done = await lab.carry('refresh', made, { repair: true })
    expect(done).toMatchObject({
      status: 'succeeded',
      drift: { found: [changed('mended', 'small', 'large')], repaired: true },
    })
    expect(await sizeOf('mended')).toBe('small')
    const intents = await lab.db.query('select operation from pipi.intents where deployment = $1', [done.id])
    expect(intents).toEqual([{ operation: 'update' }])
    expect(await lab.carry('refresh', made)).toMatchObject(found([]))
  })

  it('makes again what is gone, by the policy of the manifest', async () => {
    const made = { ...mover('policy', 'policy'), upkeep: { drift: 'repair' as const } }
    expect((await lab.carry('deploy', made, { source: lab.source })).status).toBe('succeeded')
    await planted('policy', 'gone')
    const done = await lab.carry('refresh', made)
    expect(done).toMatchObject({ drift: { found: [{ id: 'policy', what: 'gone' }], repaired: true } })
    expect(await lab.things()).toContain('policy')
  })

  it('makes no empty one in the place of what held data', async () => {
    const made = await deployed('data')
    await planted('data', 'gone')
    Object.assign(lab.engine.rules[THING] ?? {}, { stateful: true })
    const done = await lab.carry('refresh', made, { repair: true })
    Object.assign(lab.engine.rules[THING] ?? {}, { stateful: false })
    expect(done).toMatchObject({ status: 'failed', error: { code: 'recovery.needs-decision' } })
    expect(await lab.things()).not.toContain('data')
  })

  it('never shows a secret, only that it differs', async () => {
    const made = await deployed('secretive')
    await planted('secretive', { password: 'canary-of-whoever-changed-it' })
    const done = await lab.carry('refresh', made)
    expect(done.drift?.found).toMatchObject([{ properties: [{ path: 'password', secret: true, declared: true }] }])
    const told = JSON.stringify([done, await lab.story(done)])
    expect(told).toContain('differs (a secret)')
    expect(told).not.toContain('canary')
  })

  it('loses nothing of what it found when its engine dies before the end', async () => {
    const made = await deployed('killed')
    await planted('killed', { size: 'large' })
    const { deployment } = await accept(lab.db, {
      ...{ account: (await lab.carry('refresh', await deployed('any'))).account, kind: 'refresh' },
      ...{ workspaceName: made.name, engine: 'trp', region: 'here', cloudAccount: 'trap-account' },
    })
    // As if the state had been written and nothing after it.
    await lab.db.query('update pipi.workspaces set drift = $2 where name = $1', [
      made.name,
      JSON.stringify([
        { urn: `urn:x::y::${THING}::earlier`, type: THING, id: 'earlier', what: 'gone', properties: [] },
      ]),
    ])
    const done = await lab.handOver(deployment.id)
    expect(done.drift?.found.map(({ id }) => id).sort()).toEqual(['earlier', 'killed'])
    const [workspace] = await lab.db.query('select drift from pipi.workspaces where name = $1', [made.name])
    expect(workspace?.drift).toHaveLength(2)
    expect((await lab.carry('deploy', made, { source: lab.source })).status).toBe('succeeded')
    expect(await lab.db.query('select drift from pipi.workspaces where name = $1', [made.name])).toEqual([
      { drift: [] },
    ])
  })
})
