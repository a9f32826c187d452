import type { Amount } from '../../catalog/demand.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import { manifestSchema } from '../../engines/contract/manifest.ts'
import { projectOf } from '../../factory/stem-cell/carriage.ts'
import { guardRules } from '../../factory/stem-cell/guard-rules.ts'
import { readState } from '../../stacks/state/read.ts'
import { isAtPlatform } from '../../stacks/wire/urn.ts'
import { plain } from '../../stacks/wire/values.ts'
import type { Log } from '../log.ts'
import { tableOf } from '../store/engine-access.ts'
import { observeStrays } from '../store/observe.ts'
import type { Database, Queryable } from '../store/open.ts'
import {
  type Compared,
  correctHoldings,
  type FreshSurvey,
  freshSurvey,
  type HeldWorkspace,
  heldWorkspaces,
  knownMeters,
  surveyCompared,
} from '../store/survey.ts'
import { tellOwners } from '../store/tell.ts'
import { askInternally } from './ask-internally.ts'
import { type Beside, type Comparison, compareSurvey, type Difference, type StatedResource } from './compare-survey.ts'

export interface SurveySettler {
  db: Database
  log: Log
  engines: ReadonlyMap<string, Engine>
}

/**
 * Compares each survey that has come in with the ledger and the stacks' states, and makes the ledger true: more is held,
 * less is given back, strays are counted beside it, what is not certain is looked up by a refresh.
 * @returns whether there is something new to assign
 */
export async function settleSurveys(settler: SurveySettler): Promise<boolean> {
  let asked = false
  for (;;) {
    const refreshes = await settler.db.transaction(async (tx) => {
      const survey = await freshSurvey(tx)
      if (survey === undefined) return undefined
      const compared = await settleSurvey(settler, tx, survey)
      await surveyCompared(tx, survey.cloudAccount, compared)
      return compared.refreshes
    })
    if (refreshes === undefined) return asked
    asked ||= refreshes.length > 0
  }
}

/** One survey; where nobody looked at the platform, the stacks' own states alone are compared with. */
export async function settleSurvey(
  { db, log, engines }: SurveySettler,
  tx: Queryable,
  survey: FreshSurvey,
): Promise<Compared & { differences: Difference[]; beside: Beside[] }> {
  const { cloudAccount } = survey
  const engine = engines.get(survey.engine)
  const meters = await knownMeters(tx, cloudAccount)
  const owners = survey.found.flatMap((one) => one.owner?.workspace ?? [])
  const workspaces = await heldWorkspaces(tx, cloudAccount, survey.began, owners)
  const states = new Map<string, StatedResource[]>()
  if (engine !== undefined) {
    for (const workspace of workspaces) {
      if (!workspace.busy) states.set(workspace.id, await stated(tx, engine, survey.plan, workspace, meters))
    }
  }
  const found = survey.found.map((one) => ({ ...one, amounts: counted(one.amounts, meters) }))
  const comparison = compareSurvey({ ...survey, found }, workspaces, states, survey.before as Beside[])
  // Who has not looked cannot say that strays are gone.
  if (survey.looked) await observeStrays(tx, cloudAccount, comparison.strays)
  await correct(tx, comparison)
  const refreshes: string[] = []
  for (const workspace of comparison.refreshes) {
    refreshes.push((await askInternally(db, workspace, 'refresh', `survey ${workspace.last}`)).id)
  }
  const { differences, beside } = comparison
  if (differences.length > 0) {
    const counts = Object.fromEntries(
      Object.entries(Object.groupBy(differences, (one) => one.kind)).map(([kind, list]) => [kind, list.length]),
    )
    log('warn', `a survey of ${cloudAccount} differs from the ledger`, counts)
    await tellOwners(tx, cloudAccount, 'survey.differs', {
      engine: survey.engine,
      counts,
      first: differences.slice(0, 20),
    })
  }
  return { differences, beside, refreshes }
}

/** A deployment that has begun meanwhile settles by itself: then its workspace's differences are none of ours. */
async function correct(tx: Queryable, comparison: Comparison): Promise<void> {
  for (const { workspace, resources } of comparison.corrections) {
    if (await correctHoldings(tx, workspace.id, resources)) continue
    comparison.differences = comparison.differences.filter(
      (one) => one.workspace !== workspace.name || (one.kind !== 'more' && one.kind !== 'less'),
    )
  }
}

/** What the stack's own state says that a workspace has, measured as its settlement measures it. */
async function stated(
  tx: Queryable,
  engine: Engine,
  plan: string,
  workspace: HeldWorkspace,
  meters: ReadonlySet<string>,
): Promise<StatedResource[]> {
  const code = workspace.engine
  const state = await readState(
    {
      query: async (text, values) => ({ rows: await tx.query(text, values) }),
      table: `pulumi_${code}.${tableOf(code)}`,
    },
    projectOf(code),
    workspace.id,
  )
  const manifest = manifestSchema.safeParse(workspace.manifest)
  const rules = manifest.success ? guardRules(engine, manifest.data, { plan, region: workspace.region }) : {}
  return state.resources
    .filter((one) => isAtPlatform(one) && !one.pendingReplacement)
    .map(({ urn, type, id = '', inputs }) => {
      const answer = rules[type]?.demand(plain(inputs), urn)
      return { urn, type, id, amounts: answer?.ok ? counted(answer.demand.amounts, meters) : undefined }
    })
}

/** What no meter of the account counts is held by nobody. */
function counted(amounts: readonly Amount[], meters: ReadonlySet<string>): Amount[] {
  return amounts.filter(({ meter, scope }) => meters.has(`${meter} ${scope}`) || meters.has(`${meter} *`))
}
