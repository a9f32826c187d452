import { expect, it } from 'vitest'
import { accept } from '../../../platform/store/accept.ts'
import { CLONES_CHANNEL, listen, listenToJournal, type News } from '../../../platform/store/listen.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'
import { openTestTruth } from '../../helpers/truth.ts'
import { waitFor } from '../../helpers/wait-for.ts'

it('hears of every change, and goes on by itself when its connection was cut', async () => {
  const { db } = await databaseOfTest()
  const world = await openTestTruth(db, [])
  const heard: (News | undefined)[] = []
  const listener = await listenToJournal(db, (news) => heard.push(news))
  expect(heard).toEqual([undefined])
  const first = await accept(db, world.request())
  await waitFor('the first news', () =>
    heard.some((news) => news?.deployment === first.deployment.id && news.event === 'deployment.accepted'),
  )
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pipi-listen' and datname = current_database()`,
  )
  await waitFor(
    'the word that something may have been missed',
    () => heard.filter((news) => news === undefined).length === 2,
  )
  const second = await accept(db, world.request())
  await waitFor('news after the cut', () => heard.some((news) => news?.deployment === second.deployment.id))
  await listener.close()
  await world.close()
})

it('says when a clone is born, free or gone, and not at every beat', async () => {
  const { db } = await databaseOfTest()
  const world = await openTestTruth(db, [])
  const heard: string[] = []
  const listener = await listen(db, CLONES_CHANNEL, (payload) => {
    if (payload) heard.push((JSON.parse(payload) as { state: string }).state)
  })
  const truth = world.engine('c')
  const beat = { clone: 'c', engine: 'aws', host: 'h', pid: 1, state: 'idle' as const, running: [], capacity: 1 }
  await truth.beat(beat)
  await truth.beat(beat)
  await truth.beat({ ...beat, state: 'gone' })
  await waitFor('the last state', () => heard.at(-1) === 'gone')
  expect(heard).toEqual(['idle', 'gone'])
  await listener.close()
  await world.close()
})
