import { describe, expect, it } from 'vitest'
import type { Amount } from '../../../catalog/demand.ts'
import type { SurveyedResource } from '../../../factory/contract/truth.ts'
import { compareSurvey, type StatedResource } from '../../../platform/commander/compare-survey.ts'
import type { HeldWorkspace } from '../../../platform/store/survey.ts'

const APP = 'x:app:App'
const apps = (amount: number): Amount => ({ meter: 'svc.apps', scope: '', amount, bound: 'proven', because: 'so many' })

const found = (id: string, change: Partial<SurveyedResource> = {}): SurveyedResource => ({
  type: APP,
  id,
  inputs: {},
  region: 'eu-1',
  amounts: [apps(1)],
  ...change,
})

/** A workspace at rest that holds one app, `id-<name>`. */
const workspace = (name: string, change: Partial<HeldWorkspace> = {}): HeldWorkspace => ({
  id: `w-${name}`,
  account: 'a1',
  name,
  engine: 'abc',
  region: 'eu-1',
  cloudAccount: 'c1',
  manifest: null,
  busy: false,
  last: 'd1',
  lookedUp: false,
  resources: [{ urn: `urn-${name}`, type: APP, id: `id-${name}` }],
  held: [{ urn: `urn-${name}`, type: APP, meter: 'svc.apps', scope: '', amount: 1 }],
  uncertain: [],
  ...change,
})
const stated = (name: string, amount: number | null = 1): StatedResource => ({
  urn: `urn-${name}`,
  type: APP,
  id: `id-${name}`,
  amounts: amount === null ? undefined : [apps(amount)],
})

const survey = (...all: SurveyedResource[]) => ({ found: all, types: [APP] })

describe('a survey compared with the ledger', () => {
  it('says nothing where state, platform and ledger agree', () => {
    const result = compareSurvey(survey(found('id-one')), [workspace('one')], new Map([['w-one', [stated('one')]]]))
    expect(result).toEqual({ differences: [], beside: [], corrections: [], refreshes: [], strays: [] })
  })

  it('counts strays and orphans beside ours, and tells of each only once', () => {
    const all = survey(
      found('id-one'),
      found('stranger'),
      found('lost', { owner: { workspace: 'w-one' }, amounts: [apps(2)] }),
      found('of another platform of ours', { owner: { workspace: 'w-elsewhere' } }),
      found('free of charge', { amounts: [] }),
    )
    const states = new Map([['w-one', [stated('one')]]])
    const result = compareSurvey(all, [workspace('one')], states)
    expect(result.strays).toEqual([{ meter: 'svc.apps', scope: '', amount: 4 }])
    expect(result.differences).toMatchObject([
      { kind: 'stray', id: 'stranger', meter: 'svc.apps', held: 0, found: 1 },
      { kind: 'orphan', id: 'lost', workspace: 'one', found: 2 },
      { kind: 'stray', id: 'of another platform of ours' },
    ])
    const again = compareSurvey(all, [workspace('one')], states, result.beside)
    expect(again.differences).toEqual([])
    expect(again.strays).toEqual(result.strays)
  })

  it('tells again of a stray that has grown', () => {
    const before = compareSurvey(survey(found('stranger')), [], new Map()).beside
    expect(
      compareSurvey(survey(found('stranger', { amounts: [apps(3)] })), [], new Map(), before).differences,
    ).toMatchObject([{ kind: 'stray', found: 3 }])
  })

  it('holds more where the state or the platform has more, and corrects the whole workspace', () => {
    const larger = compareSurvey(survey(found('id-one')), [workspace('one')], new Map([['w-one', [stated('one', 2)]]]))
    expect(larger.differences).toMatchObject([{ kind: 'more', id: 'id-one', held: 1, found: 2, action: 'held' }])
    const drifted = compareSurvey(
      survey(found('id-one', { amounts: [apps(5)] })),
      [workspace('one')],
      new Map([['w-one', [stated('one')]]]),
    )
    expect(drifted.corrections).toMatchObject([
      { workspace: { name: 'one' }, resources: [{ id: 'id-one', amounts: [{ amount: 5 }] }] },
    ])
  })

  it('gives back what nothing takes any more, on the state’s word, never on the platform’s alone', () => {
    const gone = compareSurvey(survey(), [workspace('one', { resources: [] })], new Map([['w-one', []]]))
    expect(gone.differences).toMatchObject([{ kind: 'less', held: 1, found: 0, action: 'given back' }])
    const less = compareSurvey(
      survey(found('id-one', { amounts: [apps(0.5)] })),
      [workspace('one')],
      new Map([['w-one', [stated('one')]]]),
    )
    expect(less.differences).toEqual([])
  })

  it('has what is missing or uncertain looked up, and corrects nothing of that workspace meanwhile', () => {
    const missing = compareSurvey(survey(), [workspace('one')], new Map([['w-one', [stated('one', 7)]]]))
    expect(missing.differences).toMatchObject([{ kind: 'missing', id: 'id-one' }])
    expect(missing.refreshes.map(({ name }) => name)).toEqual(['one'])
    expect(missing.corrections).toEqual([])
    const uncertain = workspace('two', { uncertain: [{ urn: 'urn-two', type: APP }] })
    expect(compareSurvey(survey(found('id-two')), [uncertain], new Map()).differences).toMatchObject([
      { kind: 'uncertain', id: 'urn-two' },
    ])
  })

  it('does not look up twice what only its owner can decide', () => {
    const known = workspace('two', { uncertain: [{ urn: 'urn-two', type: APP }], lookedUp: true })
    const result = compareSurvey(survey(found('id-two')), [known], new Map())
    expect(result.refreshes).toEqual([])
    expect(result.differences).toMatchObject([
      { kind: 'uncertain', action: expect.stringContaining('deploy or destroy two') },
    ])
  })

  it('takes the silence of a survey that does not list a type for nothing', () => {
    const result = compareSurvey(
      { found: [], types: ['x:db:Db'] },
      [workspace('one')],
      new Map([['w-one', [stated('one')]]]),
    )
    expect(result.differences).toEqual([])
  })

  it('says nothing of a workspace at work: its own settlement is newer', () => {
    const busy = workspace('one', { busy: true })
    const result = compareSurvey(survey(found('new', { owner: { workspace: 'w-one' } })), [busy], new Map())
    expect(result).toEqual({ differences: [], beside: [], corrections: [], refreshes: [], strays: [] })
  })

  it('leaves held what no rule can measure, and says so once', () => {
    const all = survey(found('id-one', { amounts: [], unknown: 'memory 9 GB is not free' }))
    const states = new Map([['w-one', [stated('one', null)]]])
    const result = compareSurvey(all, [workspace('one')], states)
    expect(result.corrections).toEqual([])
    expect(result.differences).toMatchObject([
      { kind: 'unknown', id: 'id-one', action: 'what is held stays: memory 9 GB is not free' },
    ])
    expect(compareSurvey(all, [workspace('one')], states, result.beside).differences).toEqual([])
  })
})
