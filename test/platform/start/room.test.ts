import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../engines/contract/manifest.ts'
import { roomFrom } from '../../../platform/start/room.ts'
import { APPS, app, openStage, type Stage, settled, succeed } from '../store/engine-truth/stage.ts'

describe('an account whose room is taken', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.database.drop())
  const manifest = manifestSchema.parse({
    apiVersion: 'pipi/v1',
    name: 'new',
    components: [{ name: 'one', kind: 'service' }],
  })

  it('is told which of its own workspaces would have to go, the fewest', async () => {
    const world = await stage.open(6)
    const truth = world.engine('a')
    for (const [name, amount] of [
      ['small', 1],
      ['large', 3],
      ['middle', 2],
    ] as const) {
      const order = await world.taken(truth, { workspaceName: name })
      await truth.reserve(order, [app(name, amount)])
      await succeed(truth, order, { status: 'succeeded', resources: [settled(name, amount)] })
    }
    const room = (await roomFrom(stage.database.db, world.account))('aws', manifest)
    expect(room).toMatchObject({
      full: expect.stringContaining(`${APPS} is full`),
      goes: [{ workspace: 'large', meter: APPS, amount: 3, unit: 'app' }],
    })
    await world.close()
  })
})
