import { isDeepStrictEqual } from 'node:util'
import type { Amount } from '../../catalog/demand.ts'
import type { SurveyedResource } from '../../factory/contract/truth.ts'
import type { FreshSurvey, HeldWorkspace } from '../store/survey.ts'

/**
 * Where ledger and platform say different things. `stray`: nobody of ours made it; `orphan`: it carries our tag and no
 * state knows it; `missing`: a state knows it and the platform does not; `more`, `less`: it takes other than is held;
 * `uncertain`: nobody knows whether it exists; `unknown`: it exists, and no rule says what it takes.
 */
export interface Difference {
  kind: 'stray' | 'orphan' | 'missing' | 'more' | 'less' | 'uncertain' | 'unknown'
  type: string
  /** Cloud id, or the URN where there is none. */
  id: string
  workspace?: string
  meter?: string
  scope?: string
  held?: number
  found?: number
  /** What was done about it. */
  action: string
}

/** What a stack's own state says that it has, each measured by the rules. */
export interface StatedResource {
  urn: string
  type: string
  id: string
  /** Undefined: the rules cannot say, so that what is held stays. */
  amounts: Amount[] | undefined
}

/**
 * What stands beside what the ledger holds and stays so: it is counted (or cannot be), and differs from the ledger only
 * when it is new or has changed.
 */
export interface Beside {
  kind: 'stray' | 'orphan' | 'unknown'
  type: string
  id: string
  workspace?: string
  /** Hash of the URN that its tag names, where it carries one of ours. */
  urn?: string
  amounts: { meter: string; scope: string; amount: number }[]
  /** Why nobody can say what it takes. */
  unknown?: string
}

export interface Comparison {
  differences: Difference[]
  beside: Beside[]
  /** Workspaces whose holdings have to change, with everything that they really have. */
  corrections: { workspace: HeldWorkspace; resources: { urn: string; type: string; id: string; amounts: Amount[] }[] }[]
  /** Workspaces of which the platform has to be asked resource by resource. */
  refreshes: HeldWorkspace[]
  /** What exists beside ours, summed per meter. */
  strays: { meter: string; scope: string; amount: number }[]
}

/** Amounts are products of decimals: nearer than this they are the same. */
const SAME = 1e-6

/**
 * One survey against the ledger and the stacks' states. Of a workspace that is busy nothing is said: its own settlement
 * is newer. Nothing is given back on a survey's word alone: of what it misses the provider itself is asked.
 * `states`: by workspace id; missing where the state could not be read. `before`: what stood beside ours last time.
 */
export function compareSurvey(
  survey: Pick<FreshSurvey, 'found' | 'types'>,
  workspaces: readonly HeldWorkspace[],
  states: ReadonlyMap<string, StatedResource[]>,
  before: readonly Beside[] = [],
): Comparison {
  const result: Comparison = { differences: [], beside: [], corrections: [], refreshes: [], strays: [] }
  const found = new Map(survey.found.map((one) => [`${one.type} ${one.id}`, one]))
  const ours = new Set<string>()
  for (const workspace of workspaces) {
    for (const { type, id } of workspace.resources) ours.add(`${type} ${id}`)
    for (const { type, id } of states.get(workspace.id) ?? []) ours.add(`${type} ${id}`)
  }
  const byId = new Map(workspaces.map((one) => [one.id, one]))
  for (const [key, one] of found) {
    if (!ours.has(key)) beside(one, byId, result)
  }
  for (const workspace of workspaces) {
    if (!workspace.busy) within(workspace, states.get(workspace.id), found, new Set(survey.types), result)
  }
  const isNew = (one: Beside) => !before.some((known) => isDeepStrictEqual(known, one))
  result.differences.unshift(...result.beside.filter(isNew).flatMap(differencesOf))
  result.strays = sumOf(result.beside)
  return result
}

/** What exists and is not ours, or no longer known to be. */
function beside(one: SurveyedResource, byId: ReadonlyMap<string, HeldWorkspace>, result: Comparison): void {
  const owner = one.owner && byId.get(one.owner.workspace)
  // What is being made right now is in no settlement yet; what no meter counts is nobody's concern.
  if (owner?.busy || (one.amounts.length === 0 && one.unknown === undefined)) return
  result.beside.push({
    kind: owner === undefined ? 'stray' : 'orphan',
    type: one.type,
    id: one.id,
    ...(owner === undefined ? {} : { workspace: owner.name }),
    ...(owner === undefined || one.owner?.urn === undefined ? {} : { urn: one.owner.urn }),
    amounts: one.amounts.map(({ meter, scope, amount }) => ({ meter, scope, amount })),
    ...(one.unknown === undefined ? {} : { unknown: one.unknown }),
  })
}

function differencesOf({ kind, type, id, workspace, amounts, unknown }: Beside): Difference[] {
  const place = { kind, type, id, ...(workspace === undefined ? {} : { workspace }) }
  if (kind === 'unknown') return [{ ...place, action: `what is held stays: ${unknown}` }]
  if (unknown !== undefined) return [{ ...place, action: `it cannot be counted: ${unknown}` }]
  const action =
    kind === 'stray'
      ? 'counted beside ours; delete it at the platform when nobody needs it'
      : `counted beside ours; deploy or destroy ${workspace} again, or delete it at the platform`
  return amounts.map(({ meter, scope, amount }) => ({ ...place, meter, scope, held: 0, found: amount, action }))
}

function sumOf(all: readonly Beside[]): Comparison['strays'] {
  const sums = new Map<string, Comparison['strays'][number]>()
  for (const { meter, scope, amount } of all.flatMap((one) => one.amounts)) {
    const sum = sums.get(`${meter} ${scope}`) ?? { meter, scope, amount: 0 }
    sums.set(`${meter} ${scope}`, { ...sum, amount: sum.amount + amount })
  }
  return [...sums.values()]
}

function within(
  workspace: HeldWorkspace,
  state: StatedResource[] | undefined,
  found: ReadonlyMap<string, SurveyedResource>,
  listed: ReadonlySet<string>,
  result: Comparison,
): void {
  const { name, uncertain, resources, held } = workspace
  const say = (difference: Omit<Difference, 'workspace'>) => result.differences.push({ workspace: name, ...difference })
  const asked = workspace.lookedUp
    ? `looked up before, and not gone: deploy or destroy ${name} again, which adopts or deletes it`
    : 'looked up at the platform by a refresh'
  for (const { urn, type } of uncertain) say({ kind: 'uncertain', type, id: urn, action: asked })
  const holding = new Set(held.map((line) => line.urn))
  const missing = resources.filter(
    ({ urn, type, id }) => holding.has(urn) && listed.has(type) && !found.has(`${type} ${id}`),
  )
  for (const { type, id } of missing)
    say({ kind: 'missing', type, id, action: 'looked up at the platform by a refresh' })
  if (uncertain.length > 0 || missing.length > 0) {
    if (missing.length > 0 || !workspace.lookedUp) result.refreshes.push(workspace)
    return
  }
  // Without the state nobody knows all that it has.
  if (state === undefined) return
  const real = state.map((one) => ({ ...one, amounts: mostOf(one, found.get(`${one.type} ${one.id}`), held) }))
  const lines = linesOf(real, held)
  const changed = lines.filter((line) => Math.abs(line.found - line.held) > SAME)
  for (const { type, id, meter, scope, found: takes, held: before } of changed) {
    const kind = takes > before ? 'more' : 'less'
    say({ kind, type, id, meter, scope, held: before, found: takes, action: kind === 'more' ? 'held' : 'given back' })
  }
  if (changed.length > 0) result.corrections.push({ workspace, resources: real })
  for (const { type, id } of state) {
    const unknown = found.get(`${type} ${id}`)?.unknown
    if (unknown !== undefined) result.beside.push({ kind: 'unknown', type, id, workspace: name, amounts: [], unknown })
  }
}

/** The larger of what the state says and what the platform shows, meter by meter; what is held where nobody can say. */
function mostOf(one: StatedResource, seen: SurveyedResource | undefined, held: HeldWorkspace['held']): Amount[] {
  if (one.amounts === undefined) {
    return held
      .filter((line) => line.urn === one.urn)
      .map(({ meter, scope, amount }) => ({ meter, scope, amount, bound: 'watched', because: 'as held' }))
  }
  const most = new Map(one.amounts.map((amount) => [`${amount.meter} ${amount.scope}`, amount]))
  for (const amount of seen?.amounts ?? []) {
    const known = most.get(`${amount.meter} ${amount.scope}`)
    if (known === undefined || amount.amount > known.amount + SAME) most.set(`${amount.meter} ${amount.scope}`, amount)
  }
  return [...most.values()]
}

interface Line {
  type: string
  id: string
  meter: string
  scope: string
  found: number
  held: number
}

function linesOf(
  real: readonly { urn: string; type: string; id: string; amounts: Amount[] }[],
  held: HeldWorkspace['held'],
): Line[] {
  const lines = new Map<string, Line>()
  const add = (urn: string, at: { type: string; id: string; meter: string; scope: string }, part: Partial<Line>) => {
    const key = `${urn} ${at.meter} ${at.scope}`
    const line = lines.get(key) ?? { ...at, found: 0, held: 0 }
    lines.set(key, { ...line, found: line.found + (part.found ?? 0), held: line.held + (part.held ?? 0) })
  }
  for (const { urn, type, id, amounts } of real) {
    for (const { meter, scope, amount } of amounts) add(urn, { type, id, meter, scope }, { found: amount })
  }
  for (const { urn, type, meter, scope, amount } of held) add(urn, { type, id: urn, meter, scope }, { held: amount })
  return [...lines.values()]
}
