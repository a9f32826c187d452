import { z } from 'zod'
import type { Engine } from '../../engines/contract/engine.ts'
import { companionOf } from '../../engines/scan.ts'
import { childEnvironment } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import type { Log } from '../log.ts'
import { keepRunning } from '../processes/keep-running.ts'
import type { Closing } from './closing.ts'

const readySchema = z.object({ ready: z.literal(true), address: z.string() })

/** The programs that engines run beside their clones, one per host. Gives each one's address by engine code. */
export async function startCompanions(
  engines: Engine[],
  data: DataFolder,
  log: Log,
  closing: Closing,
): Promise<(code: string) => string | undefined> {
  const addresses = new Map<string, () => string>()
  await Promise.all(
    engines.map(async (engine) => {
      const program = companionOf(engine)
      if (program === undefined) return
      const { code } = engine.dna
      const folder = await data.folder(`companions/${code}`)
      const companion = await keepRunning({
        name: `companion of ${code}`,
        command: [process.execPath, '--disable-warning=ExperimentalWarning', program],
        environment: { ...childEnvironment(), TMPDIR: await data.folder('tmp'), PIPI_COMPANION_DIR: folder },
        cwd: folder,
        ready: readySchema,
        readyWithinMs: 30_000,
        log,
      })
      closing.add(`companion of ${code}`, () => companion.stop(15_000))
      addresses.set(code, () => companion.current().address)
    }),
  )
  return (code) => addresses.get(code)?.()
}
