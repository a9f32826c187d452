import { Artifacts } from './light/artifacts.ts'
import { openLightWorld, simulatedEngines } from './light/light-world.ts'
import { withoutStacks } from './light/without-stacks.ts'
import { type Audit, audit, processesIn } from './parts/audit.ts'
import type { Drill, DrillOptions } from './parts/result.ts'
import { openStage, type Stage } from './parts/stage.ts'
import { Demands } from './quarter/asked.ts'
import { type LightQuarter, liveQuarter } from './quarter/light-quarter.ts'
import { reportOf } from './quarter/report.ts'
import { spreadOf } from './quarter/spread.ts'
import { type RealQuarter, realQuarter } from './real/real-quarter.ts'
import { openRealWorld } from './real/real-world.ts'

/**
 * A simulated quarter at all simulated clouds: thousands of lives through programs, rules, ledger and guard in this
 * process, and deployments among them through a whole platform with the real Pulumi engine, whose engines are killed at
 * random. Not a cent at any hour, what is granted is near the best, and nothing is lost, double, orphaned or leaked.
 */
const quarter: Drill = async (options) => {
  const stage = await openStage(options.log)
  let found: { light: LightQuarter; real: RealQuarter; audits: Audit[] }
  try {
    found = await withoutStacks(() => drill(stage, options))
  } finally {
    await stage.close()
  }
  const left = await processesIn(stage.folder)
  return reportOf({ name: 'quarter', ...found, left, options })
}
export default quarter

async function drill(stage: Stage, options: DrillOptions) {
  const { seed, days, log, signal } = options
  const [lightUrl, realUrl] = [await stage.database('light'), await stage.database('real')]
  const { folder } = stage
  const artifacts = await Artifacts.make(`${folder}/sources`)
  const demands = new Demands(artifacts)
  const hours = days * 24
  const spreads = await spreadOf(await simulatedEngines(), demands, { lives: options.lives, hours })
  for (const one of spreads) log(`${one.engine.dna.name}: ${one.lives} lives at ${one.accounts} cloud accounts`)
  const world = await openLightWorld({ folder, databaseUrl: lightUrl, places: spreads, artifacts, seed, log })
  stage.onClose(() => world.close())
  const real = await openRealWorld({ folder, databaseUrl: realUrl, log })
  stage.onClose(() => real.close())
  // What goes on by itself is not told; what is wrong is.
  const complain = (level: string, message: string) => {
    if (level === 'error') log(`${level}: ${message}`)
  }
  const [lived, deployed] = await Promise.all([
    liveQuarter({ world, demands, spreads, seed, hours, log: complain, progress: log, signal }),
    realQuarter({
      world: real,
      seed,
      deployments: options.real,
      days,
      sources: artifacts.sources,
      progress: log,
      signal,
    }),
  ])
  await lived.witness.wholeBill()
  await deployed.witness.wholeBill()
  log('the auditor looks at what is left')
  return { light: lived, real: deployed, audits: [await audit(lightUrl), await audit(realUrl)] }
}
