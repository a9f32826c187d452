import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import { deploymentSchema, listOf, quotaLineSchema, type ShownDeployment } from '../cli/wire.ts'
import { Artifacts } from './light/artifacts.ts'
import { audit, processesIn } from './parts/audit.ts'
import { type Drill, type DrillOptions, type DrillResult, spreadOf } from './parts/result.ts'
import { openStage, type Stage } from './parts/stage.ts'
import { endOf } from './real/end-of.ts'
import { openRealWorld, type RealWorld } from './real/real-world.ts'

/**
 * Two whole deployments race for the last free unit of a limit, again and again: exactly one wins each time, and the
 * refusal of the other names who holds what it wanted.
 */
const race: Drill = async (options) => {
  const stage = await openStage(options.log)
  let result: DrillResult
  try {
    result = await run(stage, options)
  } finally {
    await stage.close()
  }
  const left = await processesIn(stage.folder)
  return { ...result, leaked: result.leaked + left.length, passed: result.passed && left.length === 0 }
}
export default race

async function run(stage: Stage, options: DrillOptions): Promise<DrillResult> {
  const { rounds, log, signal } = options
  const databaseUrl = await stage.database('race')
  const world = await openRealWorld({ folder: stage.folder, databaseUrl, log })
  stage.onClose(() => world.close())
  const { sources } = await Artifacts.make(`${stage.folder}/sources`)
  const racer = racerOf(world, sources, signal)
  const track = await fillUp(world, racer)
  log(`${track.meter} of ${track.engine}: ${track.limit} in all, one is left; they race for it`)
  const wrong: string[] = []
  const times: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const began = performance.now()
    const both = await Promise.all(['left', 'right'].map((side) => racer.deploy(`${side}-${round}`, track.engine)))
    times.push(performance.now() - began)
    const winners = both.filter((one) => one.status === 'succeeded')
    const [loser] = both.filter((one) => one.status === 'refused')
    const [winner] = winners
    const named = loser?.refusal?.holders?.some((one) => one.workspace === winner?.workspace) === true
    if (winners.length !== 1 || loser === undefined || loser.refusal?.code !== 'lock.over-limit' || !named) {
      wrong.push(
        `round ${round}: ${both.map((one) => `${one.workspace} ${one.status} ${JSON.stringify(one.refusal)}`)}`,
      )
    }
    for (const one of winners) await racer.destroy(one.workspace)
    log(`race ${round} of ${rounds}: ${winner?.workspace ?? 'nobody'} wins`)
  }
  const bill = (await world.client.get('/v1/sandbox/bill')) as { total: number }
  const { lost, doubled, orphans, leaked } = await audit(databaseUrl)
  const passed = wrong.length + lost.length + doubled.length + orphans.length + leaked.length === 0 && bill.total === 0
  return {
    name: 'race',
    injected: rounds,
    lost: lost.length,
    doubled: doubled.length,
    orphans: orphans.length,
    leaked: leaked.length,
    bill: bill.total,
    recovery: spreadOf([]),
    passed,
    engine: track.engine,
    meter: track.meter,
    race: spreadOf(times),
    found: { wrong: wrong.slice(0, 20), lost, doubled, orphans, leaked },
  }
}

interface Track {
  engine: string
  meter: string
  limit: number
}

interface Racer {
  deploy(name: string, engine: string): Promise<ShownDeployment>
  destroy(name: string): Promise<void>
}

/** The smallest count of things at any platform, filled up by workspaces until one is left. */
async function fillUp(world: RealWorld, racer: Racer): Promise<Track> {
  const quota = listOf(await world.client.get('/v1/quota'), 'quota').map((one) => quotaLineSchema.parse(one))
  const engines = new Set(world.engines.map((one) => one.code))
  const counts = quota
    .filter((line) => line.period === 'concurrent' && line.limit >= 2 && engines.has(line.engine ?? ''))
    .sort((a, b) => a.limit - b.limit)
  for (const { engine = '', meter, limit } of counts) {
    const first = await racer.deploy('filler-1', engine)
    const taken = first.resources?.flatMap(({ demand }) => demand ?? []).find((one) => one.meter === meter)?.amount ?? 0
    // Not what a site takes one of: the next smallest count.
    if (first.status !== 'succeeded' || taken !== 1) {
      await racer.destroy('filler-1')
      continue
    }
    for (let held = 2; held < limit; held += 1) await racer.deploy(`filler-${held}`, engine)
    return { engine, meter, limit }
  }
  throw new Error('no limit here is a count of things that workspaces take one of')
}

function racerOf(world: RealWorld, sources: readonly { url: string; ref: string }[], signal: AbortSignal): Racer {
  const [source] = sources
  const ask = async (body: Record<string, unknown>): Promise<ShownDeployment> => {
    const { id } = deploymentSchema.parse(await world.client.post('/v1/deployments', body, randomUUID()))
    const ended = await endOf(world, id, signal)
    if (ended === undefined) throw new Error(`${id} did not end`)
    return ended
  }
  return {
    deploy: (name, engine) => {
      const components = [{ name: 'main', kind: 'site', expect: { requests: 1_000, egressMb: 1 } }]
      return ask({
        kind: 'deploy',
        manifest: stringify({ apiVersion: 'pipi/v1', name, components }),
        file: 'workspace.yaml',
        engine,
        source: { kind: 'git', url: source?.url, ref: source?.ref, path: '.' },
      })
    },
    destroy: async (workspace) => {
      const ended = await ask({ kind: 'destroy', workspace })
      if (ended.status !== 'succeeded') throw new Error(`${workspace} could not be destroyed: ${ended.error?.message}`)
    },
  }
}
