import { describe, expect, it } from 'vitest'
import { chooseLimit } from '../../../../platform/cli/quickstart/choose-limit.ts'
import { choosePlaces } from '../../../../platform/cli/quickstart/choose-places.ts'
import { engineSchema, quotaLineSchema } from '../../../../platform/cli/wire.ts'

const examples = [
  { folder: 'all', name: 'all', kinds: ['site', 'service'] },
  { folder: 'site', name: 'only', kinds: ['site'] },
]
const engine = (code: string, carries: string[], closed?: string) =>
  engineSchema.parse({ code, name: code, carries, closed })

describe('what the quickstart deploys where', () => {
  it('is the richest example that an engine can carry whole', () => {
    const places = choosePlaces(
      [engine('one', ['site', 'service']), engine('two', ['site']), engine('six', [])],
      examples,
    )
    expect(places.map((it) => [it.engine, it.workspace])).toEqual([
      ['one', 'all-one'],
      ['two', 'only-two'],
    ])
  })

  it('leaves out an engine that nothing can be deployed to now', () => {
    expect(choosePlaces([engine('one', ['site'], 'no credentials')], examples)).toEqual([])
  })
})

describe('the limit that the quickstart shows to bite', () => {
  const line = (meter: string, limit: number, workspace: string, amount = 1, period = 'concurrent') =>
    quotaLineSchema.parse({ meter, limit, period, holders: [{ workspace, amount }] })

  it('is the smallest one that counts things one by one and that one of ours is under', () => {
    const lines = [
      line('a.size', 5, 'mine', 0.2),
      line('b.apps', 3, 'mine'),
      line('c.apps', 4, 'mine'),
      line('d.apps', 2, 'other'),
      line('f.plans', 1, 'mine'),
      line('e.calls', 2, 'mine', 1, 'month'),
    ]
    expect(chooseLimit(lines, ['mine'])?.meter).toBe('b.apps')
  })

  it('is none where all limits are wide or zero', () => {
    expect(chooseLimit([line('a', 100, 'mine'), line('b', 0, 'mine')], ['mine'])).toBeUndefined()
  })
})
