import * as pulumi from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProgramModule } from '../../../engines/contract/engine.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { mover, openTrapLab, THING, type TrapLab } from './trap-lab.ts'

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: Record<string, unknown>) {
    super(THING, name, inputs)
  }
}

/** A network, a database in it, and something that runs beside it. */
const site: ProgramModule<'site'> = {
  kind: 'site',
  pack: async (built) => ({ travels: 'folder', path: built.path, digest: built.digest }),
  declare({ environment }) {
    const name = environment.THING_NAME
    const network = new Thing('network', { name: pulumi.interpolate`${name}-network`, size: 'small' })
    const data = new Thing('data', { name: pulumi.interpolate`${name}-data`, size: 'small', in: network.id })
    new Thing('runner', { name: pulumi.interpolate`${name}-runner`, size: 'small', on: data.id })
    return { url: '' }
  },
}

describe('a destroy', () => {
  let lab: TrapLab
  beforeAll(async () => {
    lab = await openTrapLab(await tempFolder())
    Object.assign(lab.engine, { programs: { site } })
    Object.assign(lab.engine.rules[THING] ?? {}, { stateful: true, disposable: (name: string) => name !== 'data' })
  })
  afterAll(() => lab?.close())

  const deployed = async (name: string) => {
    const made = mover(name, name)
    const done = await lab.carry('deploy', made, { source: lab.source })
    expect(done.error ?? done.refusal).toBeUndefined()
    return made
  }

  it('leaves what holds data and all it needs, names it, and goes on holding it', async () => {
    const made = await deployed('one')
    const done = await lab.carry('destroy', made)
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(await lab.things()).toEqual(['one-data', 'one-network'])
    expect(done.resources.map(({ id }) => id).sort()).toEqual(['one-data', 'one-network'])
    expect(await lab.meters()).toEqual({ 'trap-things.things': 2 })
    const told = (await lab.story(done)).map(({ text }) => text)
    expect(told).toContain(`data (${THING}) stays: it holds data, or is needed by what does`)
    expect(told).toContain('the platform knows none of one resource any more')
    // There is nothing else to take down: nobody takes it for done.
    expect(await lab.carry('destroy', made)).toMatchObject({
      status: 'refused',
      refusal: { code: 'guard.data-not-named', resource: 'data', hint: expect.stringContaining('--delete-data') },
    })
    expect((await lab.carry('destroy', made, { deleteData: true })).status).toBe('succeeded')
    expect(await lab.things()).toEqual([])
    expect(await lab.meters()).toEqual({})
  })

  it('brings up the rest again around the data that stayed', async () => {
    const made = await deployed('two')
    expect((await lab.carry('destroy', made)).status).toBe('succeeded')
    expect((await lab.carry('deploy', made, { source: lab.source })).status).toBe('succeeded')
    expect(await lab.things()).toEqual(['two-data', 'two-network', 'two-runner'])
    expect((await lab.carry('destroy', made, { deleteData: true })).status).toBe('succeeded')
  })

  it('names what the platform still knows afterwards, keeps it held, and goes on from there when it is asked again', async () => {
    const made = await deployed('three')
    let planted = false
    // As if the platform had taken back its own delete.
    lab.onOutcome(async (outcome) => {
      if (planted || outcome.kind !== 'done' || outcome.id !== 'three-runner') return
      planted = true
      await lab.admin('/stray', { engine: 'trp', type: THING, set: { name: 'three-runner', size: 'small' } })
    })
    const done = await lab.carry('destroy', made, { deleteData: true })
    lab.onOutcome(async () => undefined)
    expect(done).toMatchObject({
      status: 'failed',
      error: {
        code: 'recovery.needs-decision',
        message: `one resource still at the platform: runner (${THING} three-runner)`,
        hint: expect.stringContaining('./pipi destroy three --yes'),
      },
    })
    expect(Object.values(await lab.meters())[0]).toBeGreaterThan(0)
    const end = await lab.carry('destroy', made, { deleteData: true })
    expect(end.error ?? end.refusal).toBeUndefined()
    expect(await lab.things()).toEqual([])
    expect(await lab.meters()).toEqual({})
  })

  it('is not alone in keeping data: a rollback that would replace it is refused, and says what to do instead', async () => {
    const first = await lab.carry('deploy', mover('four', 'older'), { source: lab.source })
    expect((await lab.carry('deploy', mover('four', 'newer'), { source: lab.source, deleteData: true })).status).toBe(
      'succeeded',
    )
    const before = await lab.changes()
    const back = await lab.carry('rollback', mover('four', 'older'), { source: lab.source, goesBackTo: first.id })
    expect(back).toMatchObject({
      status: 'refused',
      goesBackTo: first.number,
      refusal: {
        code: 'guard.data-not-named',
        resource: 'data',
        hint: expect.stringContaining('a rollback never loses data'),
      },
    })
    expect(await lab.changes()).toEqual(before)
    expect(await lab.things()).toEqual(['newer-data', 'newer-network', 'newer-runner'])
  })
})
