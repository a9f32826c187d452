import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import { buildPulumi } from './build-pulumi.ts'
import { isExecutable } from './find-on-path.ts'
import { findPulumi, type Pulumi, placeOf, reason, versionOf } from './find-pulumi.ts'
import { installPulumi, type ProvideOptions } from './install-pulumi.ts'
import { isPulumiFor, PULUMI_VERSION } from './version.ts'
import { withFileLock } from './with-file-lock.ts'

export interface EnsureOptions {
  /** As `cacheFolder` gives it. */
  cacheDir: string
  /** What child processes get; PATH, HOME and the settings of proxies and Go are read by them. */
  environment: Record<string, string | undefined>
  /** A line for people: what is being done and how far it is. */
  report?: (line: string) => void
  signal?: AbortSignal
  /** In which order, where neither PATH nor the cache has it. */
  ways?: Partial<Record<Exclude<Pulumi['from'], 'path' | 'cache'>, (options: ProvideOptions) => Promise<void>>>
}

const WAYS = { "the SDK's installer": installPulumi, 'Go modules': buildPulumi }

/**
 * The Pulumi CLI: from PATH when new enough, else from our cache folder, else brought there by the SDK's installer or
 * built from Go modules. Several processes may ask at once: one gets it, the others wait. Throws `toolchain.missing`
 * with every attempt and its reason.
 */
export async function ensurePulumi(options: EnsureOptions): Promise<Pulumi> {
  const { cacheDir, environment, report = () => {}, signal, ways = WAYS } = options
  const { pulumi, tried } = await findPulumi(cacheDir, environment)
  if (pulumi !== undefined) return pulumi

  const { shelf, home, path } = placeOf(cacheDir)
  try {
    await mkdir(shelf, { recursive: true })
  } catch (error) {
    throw missing([...tried, `writing to ${shelf}: ${reason(error)}`], error)
  }
  const waiting = () => report('Pulumi CLI: waiting for another process that is getting it')
  return await withFileLock(
    `${home}.lock`,
    async () => {
      if (await isExecutable(path)) return { path, version: PULUMI_VERSION, from: 'cache' }
      await sweep(shelf)
      for (const [way, provide] of Object.entries(ways) as [keyof typeof WAYS, typeof installPulumi][]) {
        const folder = await mkdtemp(join(shelf, '.new-'))
        try {
          await provide({ folder, environment, report, ...(signal === undefined ? {} : { signal }) })
          const version = await versionOf(join(folder, 'bin', 'pulumi'), environment)
          if (!isPulumiFor(version)) throw new Error(`it brought version ${version}`)
          await keep(folder, home)
          report(`Pulumi CLI: ${version} is at ${path}`)
          return { path: path, version, from: way }
        } catch (error) {
          if (signal?.aborted) throw error
          tried.push(`${way}: ${reason(error)}`)
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      }
      throw missing(tried)
    },
    waiting,
  )
}

/** Only `bin` is kept, and it appears at once as a whole. */
async function keep(folder: string, home: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== 'bin') await rm(join(folder, name), { recursive: true, force: true })
  }
  // mkdtemp makes 0700, and other users of this machine may use what is there.
  await chmod(folder, 0o755)
  await rm(home, { recursive: true, force: true })
  await rename(folder, home)
}

/** What processes left that were killed while getting it. We hold the lock: nobody works there. */
async function sweep(shelf: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    if (name.startsWith('.new-')) await rm(join(shelf, name), { recursive: true, force: true })
  }
}

function missing(tried: readonly string[], cause?: unknown): PipiError {
  return new PipiError(
    'toolchain.missing',
    `expected the Pulumi CLI ${PULUMI_VERSION} or a newer 3.x; tried:\n${tried.map((line) => `- ${line}`).join('\n')}`,
    {
      hint:
        `install Pulumi ${PULUMI_VERSION} or newer so that "pulumi" is on PATH (https://www.pulumi.com/docs/install/), ` +
        'or Go 1.26 or newer with access to a module proxy (https://go.dev/dl/); PIPI_CACHE_DIR names another cache folder',
      cause,
    },
  )
}
