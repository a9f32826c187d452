import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, keepHouse } from '../../../platform/commander/keep-house.ts'
import { type Reconciled, reconcileLedger } from '../../../platform/commander/reconcile-ledger.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { openWatches, requestWatch, waitForWatch } from '../../../platform/store/watches.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

const HOUR = 3_600_000
const FUNCTION = 'aws:lambda/function:Function'

describe('a clone of aws that looks at its simulated cloud beside its deployments', () => {
  let lab: Lab
  let source: string
  let house: House
  let cloudAccount: string
  let account: string
  beforeAll(async () => {
    const folder = await tempFolder('watch')
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>watched</h1>' })
    cloudAccount = lab.engine.dna.sandbox?.cloudAccount ?? ''
    house = { db: lab.db, log: () => undefined, engines: new Map([['aws', lab.engine]]), delayOf: () => 0 }
    await openWatches(lab.db, cloudAccount, { usage: 24 * HOUR, survey: 24 * HOUR, check: 24 * HOUR })
    const [owner] = await lab.db.query<{ id: string }>('select id from pipi.accounts')
    account = owner?.id ?? ''
  })
  afterAll(() => lab?.close())

  /** While the commander keeps house, and hands over what it asks for. */
  async function reconciled(): Promise<Reconciled> {
    const over = new AbortController()
    const keeping = (async () => {
      while (!over.signal.aborted) {
        await keepHouse(house)
        const open = await lab.db.query<{ id: string }>(`select id from pipi.deployments where status = 'accepted'`)
        for (const { id } of open) await lab.handOver(id)
      }
    })()
    try {
      const { cloudAccounts } = await reconcileLedger(house, account)
      return cloudAccounts[0] as Reconciled
    } finally {
      over.abort()
      await keeping
    }
  }

  it('finds the account to be what it claims, and says which wall is missing', async () => {
    const row = await waitFor('the check', async () => {
      const [one] = await lab.db.query<{
        armed: boolean | null
        findings: { what: string; ok: boolean; guard?: boolean }[]
      }>('select armed, findings from pipi.cloud_accounts')
      return one?.armed === null ? undefined : one
    })
    expect(row.armed).toBe(true)
    expect(row.findings).toContainEqual(expect.objectContaining({ what: 'budget', ok: false, guard: true }))
  })

  it('reads what visitors have used, apart for what is ours', async () => {
    const done = await lab.carry('deploy', manifest([{ kind: 'site', name: 'site' }], 'visited'), { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    const url = (done.outputs as Record<string, { url: string }>).site?.url ?? ''
    for (let n = 0; n < 5; n++) expect((await fetch(url)).status).toBe(200)
    const since = await requestWatch(lab.db, cloudAccount, 'usage')
    if (since === undefined) throw new Error('there is no such watch')
    const usage = (await waitForWatch(lab.db, cloudAccount, 'usage', since)) as {
      readings: { meter: string; total: number }[]
    }
    expect(usage.readings.map((one) => one.meter)).toContain('aws-lambda.requests')
    const [meter] = await lab.db.query<{ observed: number; reading: number }>(
      `select observed, reading from pipi.meters where meter = 'aws-lambda.requests'`,
    )
    expect(meter?.observed).toBe(0)
    expect(meter?.reading).not.toBeNull()
  })

  it('agrees with the ledger on what a deployment has left, in every detail', async () => {
    const { differences, beside, failed } = await reconciled()
    expect(failed).toBeUndefined()
    expect({ differences, beside }).toEqual({ differences: [], beside: [] })
  })

  it('finds planted strays and an orphan of ours, counts them, and finds nothing new the second time', async () => {
    const [workspace] = await lab.db.query<{ id: string }>(`select id from pipi.workspaces where name = 'visited'`)
    const stray = (name: string, owner?: string) =>
      lab.admin('/stray', {
        engine: 'aws',
        type: 'aws:dynamodb/table:Table',
        region: 'us-east-1',
        set: {
          name,
          hashKey: 'id',
          attributes: [{ name: 'id', type: 'S' }],
          billingMode: 'PROVISIONED',
          readCapacity: 1,
          writeCapacity: 2,
        },
        ...(owner === undefined ? {} : { owner }),
      })
    await stray('somebody-else')
    await stray('left-behind', workspace?.id)
    const { differences, beside } = await reconciled()
    expect(beside.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(['orphan left-behind', 'stray somebody-else'])
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'stray', id: 'somebody-else', meter: 'aws-dynamodb.write-capacity', found: 2 }),
    )
    const [meter] = await lab.db.query<{ observed: number }>(
      `select sum(observed)::float8 as observed from pipi.meters where meter = 'aws-dynamodb.write-capacity'`,
    )
    expect(meter?.observed).toBe(4)
    const again = await reconciled()
    expect(again.differences).toEqual([])
    expect(again.beside).toHaveLength(2)
  })

  it('makes the ledger true again where it holds too much or too little', async () => {
    await lab.db.query(
      `update pipi.holdings set amount = amount * 2, part = part * 2 where state <> 'released' and meter = 'aws-lambda.requests'`,
    )
    await lab.db.query(
      `update pipi.meters set held = held * 2, standing = standing * 2 where meter = 'aws-lambda.requests'`,
    )
    const before = await lab.meters()
    const { differences } = await reconciled()
    expect(differences).toMatchObject([
      { kind: 'less', meter: 'aws-lambda.requests', workspace: 'visited', action: 'given back' },
    ])
    expect((await lab.meters())['aws-lambda.requests']).toBe((before['aws-lambda.requests'] ?? 0) / 2)
    expect((await reconciled()).differences).toEqual([])
  })

  it('looks up what is missing at the platform, and gives back what it held', async () => {
    const { resources } = (await lab.admin('/inventory')) as { resources: { id: string; type: string }[] }
    const gone = resources.find((one) => one.type === FUNCTION && one.id.startsWith('visited'))
    await lab.admin('/drift', { engine: 'aws', id: gone?.id, type: FUNCTION, delete: true })
    const { differences } = await reconciled()
    expect(differences).toMatchObject([{ kind: 'missing', type: FUNCTION, id: gone?.id, workspace: 'visited' }])
    expect((await lab.meters())['aws-lambda.requests']).toBeUndefined()
    expect((await reconciled()).differences).toEqual([])
  })

  it('tells the owner what was found', async () => {
    const events = (await journalAfter(lab.db, { account, after: 0 })).map(({ event }) => event)
    expect(events).toEqual(expect.arrayContaining(['account.armed', 'survey.differs']))
  })
})
