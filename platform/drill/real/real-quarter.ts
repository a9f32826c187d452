import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { deploymentSchema, type ShownDeployment, type ShownEngine } from '../../cli/wire.ts'
import { type Chance, chanceOf } from '../quarter/chance.ts'
import { Witness } from '../quarter/witness.ts'
import { endOf } from './end-of.ts'
import type { RealWorld } from './real-world.ts'
import { nextRequest, type Request, type Tenant } from './requests.ts'

export interface RealQuarterOptions {
  world: RealWorld
  seed: string
  /** Through the real Pulumi engine, in all. */
  deployments: number
  days: number
  sources: readonly { url: string; ref: string }[]
  progress(line: string): void
  signal: AbortSignal
}

export interface RealQuarter {
  ended: Map<string, number>
  /** Engines that were killed while they worked. */
  killed: number
  /** Milliseconds from a kill to the end of what the killed engine worked on. */
  recoveries: number[]
  witness: Witness
  refusals: Map<string, number>
  failures: string[]
  /** Accepted, and without an end when the quarter was over. */
  lost: string[]
}

const AT_ONCE = 3
const KILLED_SHARE = 0.25

/**
 * A quarter at a real platform: day by day some requests at once, in some of them engines are killed while they work;
 * what was accepted ends, and then the clocks go on by a day, with a look at the bill in every hour.
 */
export async function realQuarter(options: RealQuarterOptions): Promise<RealQuarter> {
  const { world, seed, deployments, days, progress, signal } = options
  const chance = chanceOf(seed, 'the real platform')
  const [first, ...more] = world.engines
  if (first === undefined) throw new Error('no engine carries anything here')
  const engines: [ShownEngine, ...ShownEngine[]] = [first, ...more]
  const witness = new Witness({ ask: (_method, path) => world.client.get(`/v1/sandbox${path}`) })
  const quarter: RealQuarter = {
    ended: new Map(),
    killed: 0,
    recoveries: [],
    witness,
    refusals: new Map(),
    failures: [],
    lost: [],
  }
  const standing = new Map<string, Tenant>()
  let asked = 0
  for (let day = 0; day < days; day += 1) {
    const due = Math.round((deployments * (day + 1)) / days)
    while (asked < due) {
      signal.throwIfAborted()
      const batch: Request[] = []
      while (batch.length < Math.min(AT_ONCE, due - asked)) {
        // One request for a workspace at a time: what it leads to is known before the next.
        const free = [...standing.values()].filter((one) => !batch.some(({ tenant }) => tenant.name === one.name))
        batch.push(nextRequest(chance, free, engines, options.sources, asked + batch.length))
      }
      asked += batch.length
      await carryOut(batch, options, chance, quarter, standing)
    }
    for (let hour = 0; hour < 24; hour += 1) {
      await world.forward()
      await witness.look()
    }
    await forget(world, standing)
    progress(
      `real day ${day + 1} of ${days}: ${asked} deployments, ${quarter.killed} engines killed, ${standing.size} stand`,
    )
  }
  return quarter
}

async function carryOut(
  batch: Request[],
  { world, signal }: RealQuarterOptions,
  chance: Chance,
  quarter: RealQuarter,
  standing: Map<string, Tenant>,
): Promise<void> {
  const accepted = await Promise.all(
    batch.map(async ({ body, tenant, kind }) => ({
      tenant,
      kind,
      id: deploymentSchema.parse(await world.client.post('/v1/deployments', body, randomUUID())).id,
    })),
  )
  const open = new Set(accepted.map((one) => one.id))
  const kill = chance.happens(KILLED_SHARE) ? chance.whole(200, 2_500) : undefined
  const killing = kill === undefined ? undefined : killOne(world, kill, open, quarter, signal)
  await Promise.all(
    accepted.map(async ({ id, tenant, kind }) => {
      const ended = await endOf(world, id, signal)
      open.delete(id)
      if (ended === undefined) {
        quarter.lost.push(id)
        return
      }
      note(quarter, ended)
      if (ended.status !== 'succeeded') return
      if (kind === 'destroy') standing.delete(tenant.name)
      else standing.set(tenant.name, tenant)
    }),
  )
  await killing
}

/** Kills a clone that works on one of these, and measures how long what it worked on takes to end all the same. */
async function killOne(
  world: RealWorld,
  afterMs: number,
  open: ReadonlySet<string>,
  quarter: RealQuarter,
  signal: AbortSignal,
): Promise<void> {
  await pause(afterMs, undefined, { signal })
  for (let tries = 0; tries < 50 && open.size > 0; tries += 1) {
    const victim = (await world.busy()).find((one) => one.running.some((id) => open.has(id)))
    if (victim !== undefined) {
      const hit = victim.running.filter((id) => open.has(id))
      process.kill(victim.pid, 'SIGKILL')
      quarter.killed += 1
      const began = performance.now()
      await Promise.all(hit.map((id) => endOf(world, id, signal)))
      quarter.recoveries.push(performance.now() - began)
      return
    }
    await pause(50, undefined, { signal })
  }
}

function note(quarter: RealQuarter, { id, status, refusal, error, kind }: ShownDeployment): void {
  quarter.ended.set(status, (quarter.ended.get(status) ?? 0) + 1)
  if (status === 'refused') {
    const key = refusal?.meter === undefined ? (refusal?.code ?? '?') : `${refusal.code} ${refusal.meter}`
    quarter.refusals.set(key, (quarter.refusals.get(key) ?? 0) + 1)
  } else if (status !== 'succeeded') {
    quarter.failures.push(`${kind} ${id} ${status}: ${error?.code ?? ''} ${error?.message ?? ''}`)
  }
}

/** What has reached its promised end was destroyed by the platform itself. */
async function forget(world: RealWorld, standing: Map<string, Tenant>): Promise<void> {
  const live = new Set<string>()
  for (const one of ((await world.client.get('/v1/workspaces')) as { items: { name: string; live: boolean }[] }).items)
    if (one.live) live.add(one.name)
  for (const [name, tenant] of standing) if (tenant.ttl && !live.has(name)) standing.delete(name)
}
