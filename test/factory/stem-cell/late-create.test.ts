import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, keepHouse } from '../../../platform/commander/keep-house.ts'
import { openWatches } from '../../../platform/store/watches.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

const FUNCTION = 'aws:lambda/function:Function'

describe('a create that the platform called failed, and that comes all the same', () => {
  let lab: Lab
  let source: string
  let house: House
  beforeAll(async () => {
    const folder = await tempFolder('late')
    lab = await openLab('aws', folder)
    source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>late</h1>' })
    house = { db: lab.db, log: () => undefined, engines: new Map([['aws', lab.engine]]), delayOf: () => 0 }
    await openWatches(lab.db, lab.engine.dna.sandbox?.cloudAccount ?? '', { survey: 86_400_000 })
  })
  afterAll(() => lab?.close())

  const functions = async () => {
    const { resources } = (await lab.admin('/inventory')) as { resources: { id: string; type: string }[] }
    return resources.filter((one) => one.type === FUNCTION)
  }
  /** What the commander asks for by itself is carried out. */
  async function kept(): Promise<{ kind: string; status: string }[]> {
    await keepHouse(house)
    const open = await lab.db.query<{ id: string }>(
      `select id from pipi.deployments where status = 'accepted' order by id`,
    )
    const done: { kind: string; status: string }[] = []
    for (const { id } of open) {
      const { kind, status } = await lab.handOver(id)
      done.push({ kind, status })
    }
    return done
  }

  it('is found by a refresh of the platform’s own, counted, and adopted by the next deploy: there is one of it', async () => {
    const counted = async () => {
      const [meter] = await lab.db.query<{ n: number }>(
        `select coalesce(max(jsonb_array_length(result -> 'beside')), 0) as n from pipi.watches`,
      )
      return meter?.n ?? 0
    }
    await waitFor('a survey that finds nothing', async () => {
      await kept()
      return (await lab.db.query(`select from pipi.watches where result ? 'comparedAt'`)).length === 1
    })
    expect(await counted()).toBe(0)
    await lab.admin('/fault', { kind: 'late', type: FUNCTION, operation: 'create', ms: 1_500, count: 1 })
    const site = manifest([{ kind: 'site', name: 'site' }], 'unlucky')
    const failed = await lab.carry('deploy', site, { source })
    expect(failed.status).toBe('failed')
    await waitFor('the late one', async () => (await functions()).length === 1)
    // The provider's deadline has to be over first.
    const refreshed = await waitFor('the refresh', async () => {
      const done = await kept()
      return done.length > 0 && done
    })
    expect(refreshed).toMatchObject([{ kind: 'refresh' }])
    const open = await lab.db.query(`select outcome from pipi.intents where type = $1 and ended_at is null`, [FUNCTION])
    expect(open).toHaveLength(1)
    await waitFor('a survey that counts it', async () => {
      await kept()
      return (await counted()) > 0
    })
    const done = await lab.carry('deploy', site, { source })
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.status).toBe('succeeded')
    expect(await functions()).toHaveLength(1)
    expect(await kept()).toEqual([])
  })
})
