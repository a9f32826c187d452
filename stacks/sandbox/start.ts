import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serveProvider } from '../provider/serve.ts'
import type { BilledCloud } from './admin/bill.ts'
import { routesOf } from './admin/routes.ts'
import { serveAdmin } from './admin/serve.ts'
import { serveApi } from './api.ts'
import { Clock } from './clock.ts'
import { performLate } from './cloud/perform-late.ts'
import { simulatedProvider } from './cloud/provider.ts'
import { openDatabase } from './database.ts'
import { Faults } from './faults.ts'
import type { Host } from './host.ts'
import { Bytes } from './inventory/bytes.ts'
import { Calls } from './inventory/calls.ts'
import { Ports } from './inventory/ports.ts'
import { RecordsTable } from './inventory/records.ts'
import { Resources } from './inventory/resources.ts'
import { StoredBytes } from './inventory/stored.ts'
import { Usage } from './inventory/usage.ts'
import { LateCreates } from './late.ts'
import { loadCloud } from './load-cloud.ts'
import { Schedules } from './schedules.ts'
import { openSeed } from './seed.ts'
import { Servings } from './serving/servings.ts'
import type { Ready, SandboxSettings } from './settings.ts'
import { Staleness } from './staleness.ts'

export interface Sandbox {
  ready: Ready
  /** Ends what it serves and all its processes; the inventory stays. */
  stop(): Promise<void>
}

/** For the ports of a sandbox that is just ending. */
const PATIENCE_MS = 5_000

/** Starts all simulated clouds: what they held before is there again, under the same addresses where those are free. */
export async function startSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const clouds: BilledCloud[] = await Promise.all(
    settings.clouds.map(async ({ module, engine, cloudAccount }) => ({
      cloud: await loadCloud(module, engine),
      cloudAccount,
    })),
  )
  await mkdir(settings.dataFolder, { recursive: true })
  const db = await openDatabase(settings.databaseUrl)
  const listening: (() => Promise<void>)[] = []
  const keeping: (() => Promise<void>)[] = [() => db.close()]
  const gone = new AbortController()
  const stop = async (): Promise<void> => {
    gone.abort()
    // Ports first and all at once: who starts next wants them.
    const closed = await Promise.allSettled(listening.splice(0).map((close) => close()))
    for (const close of keeping.splice(0).reverse()) closed.push(...(await Promise.allSettled([close()])))
    const failed = closed.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  try {
    // Left by a sandbox that was killed: no process uses it any more.
    for (const left of ['run', 'unpacked']) await rm(join(settings.dataFolder, left), { recursive: true, force: true })
    const [clock, bytes, ports] = [await Clock.open(db), new Bytes(db), new Ports(db, PATIENCE_MS)]
    const usage = new Usage(db, clock)
    const resources = new Resources(db)
    const servings = new Servings({
      resources,
      bytes,
      ports,
      usage,
      clock,
      folder: settings.dataFolder,
      idleMs: settings.idleMs,
    })
    const host: Host = {
      seed: await openSeed(db, settings.seed),
      clock,
      bytes,
      calls: new Calls(db, clock),
      faults: await Faults.open(db),
      resources,
      records: new RecordsTable(db),
      stored: new StoredBytes(db, clock),
      usage,
      servings,
      staleness: await Staleness.open(db),
      late: new LateCreates(db, gone.signal, (one) =>
        performLate(
          host,
          clouds.map(({ cloud }) => cloud),
          one,
        ),
      ),
      gone: gone.signal,
    }
    keeping.push(() => usage.flush())
    listening.push(() => servings.closeAll())
    await reopen(host)
    await host.late.resume()
    const api = await ports.bind('api', (port) => serveApi(host, clouds, port))
    listening.push(() => api.close())
    const providers: Record<string, string> = {}
    for (const { cloud, cloudAccount } of clouds) {
      const { provider: main, alsoProvides = [], ownProviders = {} } = cloud
      for (const name of new Set([main, ...alsoProvides, ...Object.keys(ownProviders)])) {
        const provider =
          (await ownProviders[name]?.(`http://127.0.0.1:${api.port}/api/${cloud.engine}`)) ??
          simulatedProvider(name, cloud, cloudAccount.id, host)
        const served = await ports.bind(`provider ${name}`, (port) => serveProvider(provider, { port }))
        listening.push(() => served.close())
        providers[name] = served.address
      }
    }
    servings.api = `http://127.0.0.1:${api.port}`
    const schedules = new Schedules(
      host,
      db,
      clouds.map(({ cloud }) => cloud),
    )
    const routes = routesOf(host, clouds, schedules)
    const admin = await ports.bind('admin', (port) => serveAdmin(routes, settings.adminToken, port))
    listening.push(() => admin.close())
    schedules.start()
    keeping.push(() => schedules.close())
    const ready: Ready = {
      ready: true,
      providers,
      api: servings.api,
      admin: `http://127.0.0.1:${admin.port}`,
    }
    return { ready, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Serves again what was served before. An address may have moved where its port was taken meanwhile. */
async function reopen(host: Host): Promise<void> {
  for (const resource of await host.resources.serving()) {
    if (resource.serving === undefined) continue
    const outputs = { ...resource.outputs, ...(await host.servings.open(resource, resource.serving)) }
    await host.resources.change(resource.seq, { ...resource, outputs })
  }
}
