import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import type { EngineTruth, Watch, WatchKind, WatchReport } from '../../../factory/contract/truth.ts'
import { openWatcher, type Watcher } from '../../../factory/stem-cell/watch/watcher.ts'
import { waitFor } from '../../helpers/wait-for.ts'

const TRAP = join(import.meta.dirname, '../../fixtures/trap')

/** A watcher of a made-up engine; `due` are the watches that the truth has for it. */
async function watcherOf(
  watch: Engine['watch'],
  due: WatchKind[],
): Promise<{ watcher: Watcher; reports: [WatchKind, WatchReport][]; asked: WatchKind[][] }> {
  const engine = { ...(await loadEngine('trp', join(TRAP, 'engines'), join(TRAP, 'catalog'))), watch }
  const reports: [WatchKind, WatchReport][] = []
  const asked: WatchKind[][] = []
  const truth = {
    async takeWatch(clone: string, kinds: readonly WatchKind[]): Promise<Watch | null> {
      asked.push([...kinds])
      const at = due.findIndex((kind) => kinds.includes(kind))
      const [kind] = at < 0 ? [] : due.splice(at, 1)
      if (kind === undefined) return null
      const cloudAccount = { id: 'trap-account', engine: 'trp', plan: 'trap', consentWatched: false }
      return { kind, cloudAccount, clone, now: Date.now() }
    },
    async reportWatch(taken: Watch, report: WatchReport) {
      reports.push([taken.kind, report])
    },
  } as unknown as EngineTruth
  const birth = { clone: 'trp-1', engine, truth, credentials: {}, log: () => undefined } as unknown as Birth
  const watcher = openWatcher(birth, {})
  onTestFinished(() => watcher.close())
  return { watcher, reports, asked }
}

describe('a clone that watches', () => {
  it('makes one watch after the other, and only those its engine has a module for', async () => {
    let atOnce = 0
    let most = 0
    const counted = async <T>(result: T): Promise<T> => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce--
      return result
    }
    const { watcher, reports, asked } = await watcherOf(
      { usage: () => counted({ readings: [] }), survey: () => counted([]) },
      ['usage', 'check', 'survey', 'usage'],
    )
    watcher.wake()
    watcher.wake()
    await waitFor('three reports', () => reports.length === 3)
    expect(reports.map(([kind, { ok }]) => [kind, ok])).toEqual([
      ['usage', true],
      ['survey', true],
      ['usage', true],
    ])
    expect(most).toBe(1)
    expect(asked[0]).toEqual(['usage', 'survey'])
  })

  it('asks for nothing where its engine can look at nothing', async () => {
    const { watcher, asked } = await watcherOf({}, ['usage'])
    await watcher.first()
    watcher.wake()
    await watcher.close()
    expect(asked).toEqual([])
  })

  it('reports what went wrong, and goes on', async () => {
    const { watcher, reports } = await watcherOf(
      {
        check: async () => {
          throw new Error('the platform is away')
        },
        usage: async () => ({ readings: [] }),
      },
      ['check', 'usage'],
    )
    await watcher.first()
    expect(reports).toMatchObject([['check', { ok: false, code: 'provider.failed', message: 'the platform is away' }]])
    watcher.wake()
    await waitFor('the next', () => reports.length === 2)
  })

  it('leaves a module that never answers, and reports nothing of it when the clone has to go', async () => {
    const { watcher, reports } = await watcherOf({ check: () => new Promise(() => undefined) }, ['check'])
    watcher.wake()
    await watcher.close()
    expect(reports).toEqual([])
  })

  it('says what is found takes, by the rules, and why where they cannot tell', async () => {
    const found = { inputs: {}, region: 'here' }
    const { watcher, reports } = await watcherOf(
      {
        survey: async () => [
          { ...found, type: 'trap:index/thing:Thing', id: 'one' },
          { ...found, type: 'trap:index/other:Other', id: 'two' },
        ],
        surveyed: async () => ['trap:index/thing:Thing'],
      },
      ['survey'],
    )
    watcher.wake()
    await waitFor('the report', () => reports.length === 1)
    expect(reports[0]?.[1]).toMatchObject({
      ok: true,
      types: ['trap:index/thing:Thing'],
      found: [
        { id: 'one', amounts: [{ meter: 'trap-things.things', amount: 1 }] },
        { id: 'two', amounts: [], unknown: 'no rule says what a trap:index/other:Other takes' },
      ],
    })
  })
})
