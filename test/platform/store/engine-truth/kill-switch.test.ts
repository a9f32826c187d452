import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Intent } from '../../../../stacks/contract/intents.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

it('a kill switch that falls between the two halves of a replacement takes nothing away that was there', async () => {
  const { engine, taken, close } = await stage.open()
  const order = await taken(engine('a'))
  const intents = engine('a').intents(order)
  const intent = (operation: Intent['operation'], urn: string): Intent => {
    return { urn, type: 't', operation, deadlineMs: 1000, ...(operation === 'create' ? {} : { id: 'old' }) }
  }
  const removed = await intents.begin(intent('delete', 'urn:a'))
  await intents.end(removed, { kind: 'done', id: 'old' })
  await stage.database.db.query(`update pipi.cloud_accounts set switch = 'stopped' where id = $1`, [
    order.cloudAccount.id,
  ])
  const made = await intents.begin(intent('create', 'urn:a'))
  await intents.end(made, { kind: 'done', id: 'new' })
  // Once, and nothing else.
  await expect(intents.begin(intent('create', 'urn:a'))).rejects.toMatchObject({ code: 'lock.stopped' })
  await expect(intents.begin(intent('create', 'urn:b'))).rejects.toMatchObject({ code: 'lock.stopped' })
  await expect(intents.begin(intent('update', 'urn:a'))).rejects.toMatchObject({ code: 'lock.stopped' })
  await close()
})
