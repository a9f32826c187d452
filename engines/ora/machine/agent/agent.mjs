import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { clearRuns } from './clear-runs.mjs'
import { fetchObject } from './fetch-object.mjs'
import { openGate } from './gate.mjs'
import { Jobs } from './jobs.mjs'
import { Program } from './program.mjs'
import { Releases } from './releases.mjs'

const HEALTHY_MS = 120_000
const DRAIN_MS = 30_000
/** A release that did not become healthy is tried again after that long. */
const AGAIN_MS = 60_000

/**
 * Keeps a machine at what its metadata wants: fetches the plan and its releases, checks their sha256, starts what is new
 * beside what runs, switches when it is healthy, and ends the old one when it has answered all it was asked.
 */
export async function startAgent({
  folder,
  listen,
  metadata,
  fetch,
  version,
  healthyMs = HEALTHY_MS,
  onOutdated = () => {},
  log = console.log,
}) {
  await mkdir(folder, { recursive: true })
  await clearRuns(join(folder, 'homes'), log)
  const planFile = join(folder, 'plan.json')
  const releases = new Releases(join(folder, 'releases'), fetch)
  const gate = await openGate(listen)
  const jobs = new Jobs()
  const parts = new Map()
  const failed = new Map()
  let plan = await readFile(planFile, 'utf8').then(
    (text) => ({ digest: undefined, ...JSON.parse(text) }),
    () => undefined,
  )
  let source
  let started = 0
  let looking

  async function look() {
    try {
      const wanted = await metadata()
      if (version !== undefined && wanted.agent !== version) return onOutdated()
      source = wanted.source
      if (plan?.digest !== wanted.release) {
        const bytes = await fetchObject(fetch, source, 'plan.json', wanted.release)
        plan = { digest: wanted.release, components: JSON.parse(bytes.toString('utf8')).components }
        await writeFile(`${planFile}.new`, JSON.stringify(plan), { mode: 0o600 })
        await rename(`${planFile}.new`, planFile)
      }
    } catch (error) {
      // What was wanted last goes on; the next look may see more.
      log(`what is wanted could not be read: ${error.message}`)
    }
    if (plan !== undefined) await follow(plan.components)
  }

  async function follow(components) {
    const wanted = new Map(components.map((spec) => [spec.name, spec]))
    for (const [name, part] of parts) {
      if (wanted.has(name)) continue
      parts.delete(name)
      gate.lead(part.spec.prefix, undefined)
      void retire(part)
    }
    const ready = []
    await Promise.all(
      components.map(async (spec) => {
        try {
          if (spec.schedule === undefined) await keep(spec)
          else ready.push(await jobOf(spec))
        } catch (error) {
          failed.set(spec.name, { spec, at: performance.now() })
          log(`${spec.name}: ${error.message}`)
        }
      }),
    )
    jobs.set(ready)
    await releases.keepOnly(
      new Set([...components.map(({ release }) => release), ...[...parts.values()].map(({ spec }) => spec.release)]),
    )
  }

  async function jobOf(spec) {
    return { spec, release: await releases.ensure(source, spec), home: join(folder, 'homes', spec.name), log }
  }

  async function keep(spec) {
    const part = parts.get(spec.name)
    if (part !== undefined && isDeepStrictEqual(part.spec, spec)) return
    const failure = failed.get(spec.name)
    if (failure !== undefined && isDeepStrictEqual(failure.spec, spec) && performance.now() - failure.at < AGAIN_MS)
      return
    const release = await releases.ensure(source, spec)
    started += 1
    const home = join(folder, 'homes', `${spec.name}-${started % 2}`)
    const program = new Program(spec, release, { home, log })
    await program.start()
    if (!(await program.becomesHealthy(healthyMs))) {
      await program.stop()
      throw new Error(`did not answer ${spec.health ?? '/'} in ${healthyMs / 1000} s; what ran before goes on`)
    }
    failed.delete(spec.name)
    parts.set(spec.name, { spec, program })
    gate.lead(spec.prefix, { port: program.port, release: spec.release.slice(0, 16) })
    if (part === undefined) return
    if (part.spec.prefix !== spec.prefix && ![...parts.values()].some((one) => one.spec.prefix === part.spec.prefix))
      gate.lead(part.spec.prefix, undefined)
    void retire(part)
  }

  async function retire({ program }) {
    await gate.drained(program.port, DRAIN_MS)
    await program.stop()
  }

  return {
    port: gate.port,
    /** Looks once at what is wanted and follows it; looks at the same time are one. */
    look() {
      looking ??= look().finally(() => {
        looking = undefined
      })
      return looking
    },
    tick: (now) => jobs.tick(now),
    runJob: (name) => jobs.run(name),
    async close() {
      await gate.close()
      await Promise.all([...parts.values()].map(({ program }) => program.stop()))
    },
  }
}
