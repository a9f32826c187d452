import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath, isExecutable } from './find-on-path.ts'
import { run } from './run.ts'
import { isPulumiFor, PULUMI_VERSION, versionIn } from './version.ts'

export interface Pulumi {
  /** Absolute path of the CLI. */
  path: string
  version: string
  from: 'path' | 'cache' | "the SDK's installer" | 'Go modules'
}

export interface Search {
  pulumi: Pulumi | undefined
  /** Where it was looked for in vain, each with its reason. */
  tried: string[]
}

/** The Pulumi CLI from PATH when it is new enough, else from our cache folder. Changes nothing. */
export async function findPulumi(cacheDir: string, environment: Record<string, string | undefined>): Promise<Search> {
  const tried: string[] = []
  const onPath = await findOnPath('pulumi', environment.PATH)
  if (onPath === undefined) tried.push('PATH: there is no "pulumi"')
  else {
    const version = await versionOf(onPath, environment).catch((error: Error) => error)
    if (version instanceof Error) tried.push(`PATH: ${reason(version)}`)
    else if (isPulumiFor(version)) return { pulumi: { path: onPath, version, from: 'path' }, tried }
    else tried.push(`PATH: ${onPath} is ${version}`)
  }
  const { home, path } = placeOf(cacheDir)
  if (await isExecutable(path)) return { pulumi: { path, version: PULUMI_VERSION, from: 'cache' }, tried }
  tried.push(`our cache: not in ${home}`)
  return { pulumi: undefined, tried }
}

/** Where the cache keeps it: by version and machine, as a home folder may be shared between machines. */
export function placeOf(cacheDir: string): { shelf: string; home: string; path: string } {
  const shelf = join(cacheDir, 'pulumi')
  const home = join(shelf, `${PULUMI_VERSION}-${process.platform}-${process.arch}`)
  return { shelf, home, path: join(home, 'bin', 'pulumi') }
}

export async function versionOf(path: string, environment: Record<string, string | undefined>): Promise<string> {
  // Even asked for its version it makes a home folder with a log: not in the user's.
  const home = await mkdtemp(join(tmpdir(), 'pipi-version-'))
  try {
    const said = await run(path, ['version'], {
      environment: { ...environment, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: 'true' },
      timeoutMs: 30_000,
    })
    const version = versionIn(said)
    if (version === undefined) throw new Error(`${path} version: expected a version, got "${said.trim()}"`)
    return version
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** The message of anything thrown, indented to stand below a line of a list. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').join('\n    ')
}
