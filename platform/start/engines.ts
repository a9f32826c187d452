import { PipiError } from '../../catalog/errors.ts'
import { selfStops } from '../../catalog/self-stops.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import { scanEngines } from '../../engines/scan.ts'
import type { EngineFacts } from '../commander/engine-facts.ts'
import type { Settings } from '../config.ts'
import { confirmedTerms } from '../store/confirmed-terms.ts'
import { engineAccess } from '../store/engine-access.ts'
import type { Database } from '../store/open.ts'
import { accessFacts } from './access/facts-with.ts'
import type { RunnableEngine } from './clones.ts'
import { type OpenedAccount, openAccountAt } from './cloud-accounts.ts'
import { openLedger } from './ledger.ts'

/** The engines of the settings, all by default. Throws `input.invalid` for a code that is none. */
export async function enginesFor(settings: Settings): Promise<Engine[]> {
  const engines = await scanEngines(settings.enginesFolder, settings.catalogFolder)
  const wanted = settings.engines ?? [...engines.keys()]
  return wanted.map((code) => {
    const engine = engines.get(code)
    if (engine) return engine
    throw new PipiError('input.invalid', `PIPI_ENGINES names "${code}", which is no engine`, {
      hint: `there are ${[...engines.keys()].join(', ')}`,
    })
  })
}

/** Opens each engine's cloud account, limits and database role; one without an account of the platform's own stays closed but for who brings one. */
export async function openEngines(db: Database, engines: Engine[], owner: string, settings: Settings) {
  const runnable = new Map<string, RunnableEngine>()
  const facts: EngineFacts[] = []
  for (const engine of engines) {
    const opened = await openAccountAt(engine, settings.sandbox, (id) => confirmedTerms(db, id))
    facts.push(factsOf(engine, opened))
    // In the sandbox there is an account for each; elsewhere accounts may bring their own, at any time.
    if (!opened.ok && settings.sandbox) continue
    if (opened.ok) await openLedger(db, owner, engine, opened.account, settings.catalogFolder)
    const access = await engineAccess(db, engine.dna.code)
    runnable.set(engine.dna.code, { engine, access, ...(opened.ok ? { account: opened.account } : {}) })
  }
  return { facts, runnable }
}

function factsOf(engine: Engine, opened: OpenedAccount): EngineFacts {
  const { code, name, regions } = engine.dna
  return {
    code,
    name,
    regions,
    ...(engine.machines === undefined
      ? {}
      : { scopes: Object.fromEntries(engine.machines.map(({ name, scope }) => [name, scope])) }),
    kinds: Object.keys(engine.programs) as EngineFacts['kinds'],
    noCarrier: engine.noCarrier,
    ...(engine.refuses === undefined ? {} : { refuses: engine.refuses }),
    plans: engine.facts.plans.map(({ id }) => ({ id, selfStops: selfStops(engine.facts, id) })),
    guardRails: engine.guardRails !== undefined,
    ...(engine.noGuardRails === undefined ? {} : { noGuardRails: engine.noGuardRails }),
    ...accessFacts(opened),
  }
}
