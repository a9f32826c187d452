import { afterAll, beforeAll, expect, it } from 'vitest'
import { accept } from '../../../../platform/store/accept.ts'
import { requestCancel } from '../../../../platform/store/request-cancel.ts'
import { tellStory } from '../../../../platform/store/story.ts'
import { takeOver } from '../../../../platform/store/take-over.ts'
import { app, openStage, type Stage, settled } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

it('never makes engine and commander wait for each other in a circle', async () => {
  const { engine, taken, account, request, close } = await stage.open(1000)
  const truth = engine('a')
  const orders = await Promise.all(Array.from({ length: 6 }, () => taken(truth)))
  await Promise.all(
    orders.flatMap((order) => [
      (async () => {
        for (let n = 0; n < 15; n++) {
          await truth.tell(order, [{ phase: 'assigned', level: 'info', text: `${n}` }])
          await truth.advance(order, 'planning', `${n}`)
          await truth.reserve(order, [app(`${order.workspace.id}-${n}`)])
          await truth.renew(order)
        }
        await truth.settle(order, {
          status: 'failed',
          resources: [settled(order.workspace.id), settled(`${order.workspace.id}-1`)],
        })
      })(),
      (async () => {
        for (let n = 0; n < 15; n++) {
          await tellStory(stage.database.db, account, order.deployment, [
            { phase: 'assigned', level: 'info', text: 'commander' },
          ])
          await requestCancel(stage.database.db, account, order.deployment)
          await accept(stage.database.db, request({ workspaceName: order.workspace.name }))
          await takeOver(stage.database.db)
        }
      })(),
    ]),
  )
  expect(
    await stage.database.db.query('select deadlocks from pg_stat_database where datname = current_database()'),
  ).toEqual([{ deadlocks: 0 }])
  await close()
})
