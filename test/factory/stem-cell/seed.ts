import { join } from 'node:path'
import pg from 'pg'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import type { Birth, LivingClone } from '../../../factory/contract/stem-cell.ts'
import type { EngineTruth } from '../../../factory/contract/truth.ts'
import { live } from '../../../factory/stem-cell/live.ts'
import { openEngineTruth } from '../../../platform/store/engine-truth.ts'
import { stateUrl } from '../../../platform/store/state-url.ts'

/** All that a clone is born from, as JSON: in this process or in one of its own. */
export interface Seed {
  code: string
  clone: string
  /** Where engines and catalogue are, if not the house's own. */
  engines?: string
  catalog?: string
  folder: string
  artifacts: string
  /** The engine's role. */
  url: string
  stateTable: string
  /** The engine's key, hex. */
  key: string
  leaseMs?: number
  upstreams: Record<string, string>
  platformApi?: string
  /** Of the engine; the sandbox's own where they are left out. */
  credentials?: Record<string, string>
  /** Longest that a create may take, milliseconds; short where it is left out, as a simulated platform is quick. */
  deadlineCapMs?: number
  /** By region, where the platform is machines of one's own. */
  companions?: Record<string, string>
  pulumi: string
}

export interface Sprout {
  engine: Engine
  clone: LivingClone
  /** Hands a deployment to it, as the queue would. */
  work(deployment: string): Promise<void>
  close(): Promise<void>
}

/** A living clone without a queue. `through` may stand between it and the truth. */
export async function sprout(
  seed: Seed,
  through: (truth: EngineTruth) => EngineTruth = (truth) => truth,
): Promise<Sprout> {
  const engine = await loadEngine(seed.code, seed.engines, seed.catalog)
  const pool = new pg.Pool({ connectionString: seed.url, max: 2 })
  pool.on('error', () => undefined)
  const truth = openEngineTruth({
    url: seed.url,
    clone: seed.clone,
    key: Buffer.from(seed.key, 'hex'),
    ...(seed.leaseMs === undefined ? {} : { leaseMs: seed.leaseMs }),
  })
  let work: (deployment: string) => Promise<void> = async () => undefined
  const running = new Set<Promise<void>>()
  const birth: Birth = {
    clone: seed.clone,
    host: 'here',
    engine,
    truth: through(truth),
    jobs: {
      start: async (given) => {
        work = given
        const settle = async () => void (await Promise.allSettled(running))
        return { drain: settle, close: settle }
      },
    },
    capacity: 2,
    folder: seed.folder,
    artifacts: seed.artifacts,
    pulumi: { path: seed.pulumi, version: '3.258.0' },
    stateUrl: (token) => stateUrl(seed.url, seed.stateTable, token),
    statePool: {
      query: async (text, values) => ({ rows: (await pool.query(text, values)).rows as Record<string, unknown>[] }),
    },
    stateTable: seed.stateTable,
    upstreams: seed.upstreams,
    platformApi: seed.platformApi,
    companion: Object.values(seed.companions ?? {})[0],
    ...(seed.companions === undefined ? {} : { companions: seed.companions }),
    credentials:
      seed.credentials ?? Object.fromEntries(engine.dna.credentials.map((each) => [each.config, each.sandbox])),
    deadlineCapMs: seed.deadlineCapMs ?? 5000,
    log: (level, message, data) => {
      if (level === 'error') console.error(message, data)
    },
  }
  const clone = await live(birth)
  return {
    engine,
    clone,
    async work(deployment) {
      const done = work(deployment)
      running.add(done)
      await done.finally(() => running.delete(done))
    },
    async close() {
      await clone.stop()
      await truth.close()
      await pool.end()
    },
  }
}

/** Where a clone of a lab keeps its files. */
export function foldersIn(folder: string): Pick<Seed, 'folder' | 'artifacts'> {
  return { folder: join(folder, 'clone'), artifacts: join(folder, 'artifacts') }
}
