import { z } from 'zod'
import type { Engine } from '../../engines/contract/engine.ts'
import type { Host } from '../../engines/contract/hosts.ts'
import { childEnvironment } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import type { Log } from '../log.ts'
import { keepRunning } from '../processes/keep-running.ts'
import type { Closing } from './closing.ts'

const readySchema = z.object({ ready: z.literal(true), address: z.string() })

/**
 * The programs that run beside the clones of engines whose platform is machines of one's own: one for each machine. Gives
 * their addresses by region, by engine code; undefined for other engines.
 */
export async function startCompanions(
  engines: Engine[],
  data: DataFolder,
  log: Log,
  closing: Closing,
): Promise<(code: string) => Record<string, string> | undefined> {
  const started = await Promise.all(
    engines.map(async ({ dna: { code }, machines }) => {
      if (machines === undefined) return undefined
      const companions = machines.map((host) => startCompanion(code, host, data, log, closing))
      return [code, await Promise.all(companions)] as const
    }),
  )
  const all = new Map(started.filter((one) => one !== undefined))
  return (code) => {
    const companions = all.get(code)
    return companions && Object.fromEntries(companions.map(({ region, address }) => [region, address()]))
  }
}

async function startCompanion(code: string, host: Host, data: DataFolder, log: Log, closing: Closing) {
  const name = `companion of ${code} for ${host.name}`
  // What runs on this machine stays where it was before there were others.
  const folder = await data.folder(host.via === 'local' ? `companions/${code}` : `companions/hosts/${host.name}`)
  const companion = await keepRunning({
    name,
    command: [process.execPath, '--disable-warning=ExperimentalWarning', host.program, folder],
    environment: { ...childEnvironment(), TMPDIR: await data.folder('tmp') },
    cwd: folder,
    ...(host.input === undefined ? {} : { input: host.input }),
    ready: readySchema,
    readyWithinMs: 30_000,
    log,
  })
  closing.add(name, () => companion.stop(15_000))
  return { region: host.name, address: () => companion.current().address }
}
