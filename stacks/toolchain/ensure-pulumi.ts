import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import { buildPulumi } from './build-pulumi.ts'
import { findOnPath, isExecutable } from './find-on-path.ts'
import { installPulumi, type ProvideOptions } from './install-pulumi.ts'
import { run } from './run.ts'
import { isPulumiFor, PULUMI_VERSION, versionIn } from './version.ts'
import { withFileLock } from './with-file-lock.ts'

export interface Pulumi {
  /** Absolute path of the CLI. */
  path: string
  version: string
  from: 'path' | 'cache' | Way
}

export interface EnsureOptions {
  /** As `cacheFolder` gives it. */
  cacheDir: string
  /** What child processes get; PATH, HOME and the settings of proxies and Go are read by them. */
  environment: Record<string, string | undefined>
  /** A line for people: what is being done and how far it is. */
  report?: (line: string) => void
  signal?: AbortSignal
  /** In which order, where neither PATH nor the cache has it. */
  ways?: Partial<Record<Way, (options: ProvideOptions) => Promise<void>>>
}

type Way = "the SDK's installer" | 'Go modules'
const WAYS = { "the SDK's installer": installPulumi, 'Go modules': buildPulumi }

/**
 * The Pulumi CLI: from PATH when new enough, else from our cache folder, else brought there by the SDK's installer or
 * built from Go modules. Several processes may ask at once: one gets it, the others wait. Throws `toolchain.missing`
 * with every attempt and its reason.
 */
export async function ensurePulumi(options: EnsureOptions): Promise<Pulumi> {
  const { cacheDir, environment, report = () => {}, signal, ways = WAYS } = options
  const tried: string[] = []
  const onPath = await fromPath(environment, tried)
  if (onPath !== undefined) return onPath

  const shelf = join(cacheDir, 'pulumi')
  const home = join(shelf, `${PULUMI_VERSION}-${process.platform}-${process.arch}`)
  const cached: Pulumi = { path: join(home, 'bin', 'pulumi'), version: PULUMI_VERSION, from: 'cache' }
  if (await isExecutable(cached.path)) return cached
  tried.push(`our cache (${home}): not there`)

  try {
    await mkdir(shelf, { recursive: true })
  } catch (error) {
    throw missing([...tried, `writing to ${shelf}: ${reason(error)}`], error)
  }
  const waiting = () => report('Pulumi CLI: waiting for another process that is getting it')
  return await withFileLock(
    `${home}.lock`,
    async () => {
      if (await isExecutable(cached.path)) return cached
      await sweep(shelf)
      for (const [way, provide] of Object.entries(ways) as [Way, (typeof WAYS)[Way]][]) {
        const folder = await mkdtemp(join(shelf, '.new-'))
        try {
          await provide({ folder, environment, report, ...(signal === undefined ? {} : { signal }) })
          const version = await versionOf(join(folder, 'bin', 'pulumi'), environment)
          if (!isPulumiFor(version)) throw new Error(`it brought version ${version}`)
          await keep(folder, home)
          report(`Pulumi CLI: ${version} is at ${cached.path}`)
          return { path: cached.path, version, from: way }
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

async function fromPath(environment: Record<string, string | undefined>, tried: string[]): Promise<Pulumi | undefined> {
  const path = await findOnPath('pulumi', environment.PATH)
  if (path === undefined) {
    tried.push('PATH: there is no "pulumi"')
    return undefined
  }
  try {
    const version = await versionOf(path, environment)
    if (isPulumiFor(version)) return { path, version, from: 'path' }
    tried.push(`PATH: ${path} is ${version}, wanted ${PULUMI_VERSION} or a newer 3.x`)
  } catch (error) {
    tried.push(`PATH: ${reason(error)}`)
  }
  return undefined
}

async function versionOf(path: string, environment: Record<string, string | undefined>): Promise<string> {
  const said = await run(path, ['version'], {
    environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: 'true' },
    timeoutMs: 30_000,
  })
  const version = versionIn(said)
  if (version === undefined) throw new Error(`${path} version: expected a version, got "${said.trim()}"`)
  return version
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

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').join('\n    ')
}
