import { Artifacts } from './light/artifacts.ts'
import { openLightWorld } from './light/light-world.ts'
import { withoutStacks } from './light/without-stacks.ts'
import { type Audit, audit, processesIn } from './parts/audit.ts'
import type { Drill, DrillOptions } from './parts/result.ts'
import { openStage, type Stage } from './parts/stage.ts'
import { type LightQuarter, liveQuarter } from './quarter/light-quarter.ts'
import { reportOf } from './quarter/report.ts'
import { type RealQuarter, realQuarter } from './real/real-quarter.ts'
import { openRealWorld } from './real/real-world.ts'

/** So many workspaces at one cloud account in a quarter, on average. */
const LIVES_PER_ACCOUNT = 600
const MOST_ACCOUNTS = 9

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
  const accounts = Math.min(MOST_ACCOUNTS, Math.max(1, Math.round(options.lives / 3 / LIVES_PER_ACCOUNT)))
  const { folder } = stage
  const world = await openLightWorld({ folder, databaseUrl: lightUrl, accounts, seed, log })
  stage.onClose(() => world.close())
  const real = await openRealWorld({ folder, databaseUrl: realUrl, log })
  stage.onClose(() => real.close())
  const { sources } = await Artifacts.make(`${folder}/real-sources`)
  // What goes on by itself is not told; what is wrong is.
  const complain = (level: string, message: string) => {
    if (level === 'error') log(`${level}: ${message}`)
  }
  const [lived, deployed] = await Promise.all([
    liveQuarter({ world, seed, lives: options.lives, hours: days * 24, log: complain, progress: log, signal }),
    realQuarter({ world: real, seed, deployments: options.real, days, sources, progress: log, signal }),
  ])
  await lived.witness.wholeBill()
  await deployed.witness.wholeBill()
  log('the auditor looks at what is left')
  return { light: lived, real: deployed, audits: [await audit(lightUrl), await audit(realUrl)] }
}
