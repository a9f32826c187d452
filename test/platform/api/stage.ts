import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll } from 'vitest'
import { CATALOG_FOLDER } from '../../../catalog/load.ts'
import type { Role } from '../../../platform/api/authenticate.ts'
import { buildApi } from '../../../platform/api/server.ts'
import { adopt } from '../../../platform/commander/adopt.ts'
import { withAlternatives } from '../../../platform/commander/alternatives.ts'
import { cancel } from '../../../platform/commander/cancel.ts'
import { hostsDns } from '../../../platform/commander/dns-answers.ts'
import { intake } from '../../../platform/commander/intake.ts'
import { reconcileLedger } from '../../../platform/commander/reconcile-ledger.ts'
import { secure } from '../../../platform/commander/secure.ts'
import { openWishes } from '../../../platform/commander/wishes.ts'
import { accountKeeper } from '../../../platform/start/account-keeper.ts'
import { credentialKeeper } from '../../../platform/start/credential-keeper.ts'
import { eventsOf } from '../../../platform/start/events.ts'
import { readiness } from '../../../platform/start/readiness.ts'
import { setSecret } from '../../../platform/store/set-secret.ts'
import { authenticate, createToken } from '../../../platform/store/token.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { ENGINES, openStage, type Stage } from '../commander/stage.ts'

export interface ApiStage {
  api: FastifyInstance
  database: TestDatabase
  stage: Stage
  /** Bearer headers of a token with the role, in the first account or another. */
  as(role: Role, account?: 'own' | 'other'): Record<string, string>
  expired: Record<string, string>
  /** Errors that were logged as our own fault. */
  faults: string[]
}

/** The real API on the real truth; no engines, so that what is accepted stays accepted. */
export function useApi(): ApiStage {
  const it = { faults: [] } as unknown as ApiStage
  let close: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    const database = await testDatabase({ connections: 10 })
    const { db } = database
    const events = await eventsOf(db)
    const stage = await openStage(db)
    const other = await openStage(db, 'somebody else')
    const api = await buildApi({
      version: '1.2.3',
      log: (level, message, data) => {
        if (level === 'error') it.faults.push(`${message} ${JSON.stringify(data)}`)
      },
      db,
      metrics: new Registry(),
      engines: ENGINES,
      enginesFor: async () => ENGINES,
      accounts: accountKeeper(db, stage.account),
      credentials: credentialKeeper(db, Buffer.alloc(32, 7), new Map()),
      dns: hostsDns(),
      catalogFolder: CATALOG_FOLDER,
      events,
      authenticate: (token) => authenticate(db, token),
      intake: (request) => intake(stage.context, request),
      withAlternatives: (deployment) => withAlternatives(stage.context, deployment),
      reconcile: (account, engine) =>
        reconcileLedger({ db, log: () => undefined, engines: new Map() }, account, engine),
      secure: (asked) => secure(stage.context, asked),
      wishes: openWishes({ db, engines: ENGINES, metersOf: async () => ({ meters: [], selfStops: false }) }),
      adopt: (asked) => adopt(db, (request) => intake(stage.context, request), asked),
      setSecret: (asked) => setSecret(db, Buffer.alloc(32, 7), asked),
      cancel: (account, id, by) => cancel(db, account, id, by),
      waiting: async () => ({}),
      wanted: () => ({ wanted: 1 }),
      hosts: async () => [],
      sandbox: undefined,
      ready: readiness(db, {}),
    })
    const tokens = new Map<string, string>()
    for (const role of ['owner', 'deployer', 'viewer'] as const) {
      tokens.set(`${role} own`, (await createToken(db, { account: stage.account, role })).secret)
      tokens.set(`${role} other`, (await createToken(db, { account: other.account, role })).secret)
    }
    const old = await createToken(db, { account: stage.account, role: 'owner', expiresAt: new Date(0) })
    Object.assign(it, {
      api,
      database,
      stage,
      as: (role: Role, account = 'own') => ({ authorization: `Bearer ${tokens.get(`${role} ${account}`)}` }),
      expired: { authorization: `Bearer ${old.secret}` },
    })
    close = async () => {
      await api.close()
      await events.close()
      await database.drop()
    }
  })
  afterAll(() => close())
  return it
}
