import { mkdir } from 'node:fs/promises'
import type { Birth, LivingClone } from '../contract/stem-cell.ts'
import { BEAT_MS, type Beat } from '../contract/truth.ts'
import { carryOut } from './carry-out.ts'
import { openWatcher } from './watch/watcher.ts'

/**
 * A stem cell that has been differentiated by an engine's folder, alive: it takes deployments, at most `capacity` at
 * once, and gives a sign of life. Told to drain it takes no new work, finishes what runs, and ends.
 */
export async function live(birth: Birth): Promise<LivingClone> {
  await Promise.all([mkdir(birth.folder, { recursive: true }), mkdir(birth.artifacts, { recursive: true })])
  const names = ownProviders(birth)
  const own =
    names.length === 0
      ? undefined
      : await birth.engine.startProvider?.({
          dataDir: birth.folder,
          companion: birth.companion,
          companions: birth.companions ?? {},
        })
  const upstreams = upstreamsOf(birth, names, own?.address)
  warmUp(birth)
  const stopping = new AbortController()
  const running = new Set<string>()
  let state: Beat['state'] = 'starting'
  const watcher = openWatcher(birth, upstreams)

  const beat = async () => {
    const asked = await birth.truth.beat({
      clone: birth.clone,
      engine: birth.engine.dna.code,
      host: birth.host,
      pid: process.pid,
      state: state === 'idle' && running.size > 0 ? 'busy' : state,
      running: [...running],
      capacity: birth.capacity,
    })
    if (asked === 'drain' && state === 'idle') void end('draining')
    else if (state === 'idle') watcher.wake()
  }
  const pulse = setInterval(() => {
    beat().catch((error: unknown) => birth.log('warn', 'no sign of life could be given', { error: String(error) }))
  }, BEAT_MS)
  await beat()
  await watcher.first()

  const jobs = await birth.jobs.start(async (deployment) => {
    running.add(deployment)
    try {
      await carryOut(deployment, { birth, upstreams, stop: stopping.signal })
    } catch (error) {
      birth.log('error', 'a deployment ended without a verdict', {
        deployment,
        error: error instanceof Error ? error.stack : String(error),
      })
      throw error
    } finally {
      running.delete(deployment)
    }
  }, birth.capacity)

  let ending: Promise<void> | undefined
  let resolveEnded: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve
  })
  /** Once: later calls join the first one. */
  const end = (how: 'draining' | 'gone'): Promise<void> => {
    if (how === 'gone' && !stopping.signal.aborted) stopping.abort()
    ending ??= (async () => {
      state = 'draining'
      await beat().catch(() => undefined)
      await Promise.all([jobs.drain(), watcher.close()])
      clearInterval(pulse)
      await jobs.close()
      state = 'gone'
      await beat().catch(() => undefined)
      await own?.close()
      resolveEnded()
    })()
    return ending
  }
  state = 'idle'
  await beat()
  return { drain: () => end('draining'), stop: () => end('gone'), ended }
}

/** A platform's SDK takes up to seconds to load: before the first deployment comes, not while it waits. */
function warmUp({ engine, log }: Birth): void {
  for (const kind of Object.keys(engine.programs) as (keyof typeof engine.programs)[]) {
    try {
      void engine.programs[kind]
    } catch (error) {
      log('error', `the program for ${kind} cannot be loaded`, { error: String(error) })
    }
  }
}

/** Provider names that a provider of ours has to answer for: those that no plugin and no sandbox was given at birth for. */
function ownProviders({ engine: { dna }, upstreams }: Birth): string[] {
  const own = dna.provider === 'in-process' ? [...dna.providers, ...dna.inProcess] : dna.inProcess
  return own.filter((name) => upstreams[name] === undefined)
}

function upstreamsOf(birth: Birth, names: string[], own: string | undefined): Record<string, string> {
  if (own === undefined) return birth.upstreams
  return { ...birth.upstreams, ...Object.fromEntries(names.map((name) => [name, own])) }
}
