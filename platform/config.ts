import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { PipiError } from '../catalog/errors.ts'
import { CATALOG_FOLDER } from '../catalog/load.ts'
import type { BuildSettings } from '../engines/parts/build/settings.ts'
import { ENGINES_FOLDER } from '../engines/scan.ts'
import type { ScalingPolicy } from '../factory/scaling.ts'
import { cacheFolder } from '../stacks/toolchain/cache-folder.ts'

/** The one file that reads the environment. Everything else is told. */

export const DEFAULT_PORT = 7474

export interface Settings {
  /** The data folder, absolute. */
  data: string
  /** Tools that are found or built once, absolute. */
  cache: string
  host: string
  port: number
  /** A managed PostgreSQL; without it one is started in the data folder. */
  databaseUrl: string | undefined
  redisUrl: string | undefined
  /** Master key (64 hexadecimal digits) in place of the data folder's: platforms that share a database share it. */
  masterKey: string | undefined
  sandbox: boolean
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Deployments that one clone works on at once. */
  capacity: number
  scaling: ScalingPolicy
  /** How long what runs may take to end when the platform stops, milliseconds. */
  graceMs: number
  /** How often a cloud account's use is read, what exists there is listed, and the account itself is checked, milliseconds. */
  watchEvery: Record<'usage' | 'survey' | 'check', number>
  /** How often what is reachable is asked whether it is well, where use is not metered, milliseconds. */
  healthEveryMs: number
  /** The list of hosts of one's own, absolute; there need be none. */
  hosts: string
  /** The folder of accounts' own credentials, absolute; there need be none. */
  credentials: string
  /** Whether accounts without credentials of their own are let in with the platform's. */
  shareCredentials: boolean
  /** What builds on this host may take, and what they work with. */
  builds: BuildSettings
  /** Engines to run here; undefined: all that can. */
  engines: string[] | undefined
  /** Where engines are found, one folder each. */
  enginesFolder: string
  /** Where the catalogue's files lie. */
  catalogFolder: string
}

/** What `serve` takes on the command line: it wins over the environment. */
export interface ServeFlags {
  data?: string | undefined
  port?: number | undefined
  host?: string | undefined
  sandbox?: boolean | undefined
}

export interface ClientSettings {
  url: string | undefined
  token: string | undefined
  /** The data folder of the platform on this machine, absolute. */
  data: string
}

const count = (most: number) => z.coerce.number().int().min(0).max(most)
const flag = z
  .enum(['', '0', '1', 'false', 'true', 'no', 'yes'])
  .transform((text) => ['1', 'true', 'yes'].includes(text))

const environmentSchema = z.object({
  PIPI_DATA: z.string().min(1).optional(),
  PIPI_HOST: z.string().min(1).default('127.0.0.1'),
  PIPI_PORT: count(65_535).default(DEFAULT_PORT),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'postgres://user:password@host:port/database')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'redis://host:port')
    .optional(),
  PIPI_MASTER_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
    .optional(),
  PIPI_SANDBOX: flag.default(false),
  PIPI_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  PIPI_CAPACITY: count(64).min(1).default(1),
  PIPI_MIN_CLONES: count(64).default(1),
  PIPI_MAX_CLONES: count(64).min(1).default(2),
  PIPI_BREED_AFTER_MS: count(3_600_000).default(2_000),
  PIPI_DRAIN_AFTER_MS: count(86_400_000).default(10_000),
  PIPI_GRACE_MS: count(3_600_000).default(20_000),
  PIPI_USAGE_EVERY_MS: count(86_400_000).min(1_000).default(300_000),
  PIPI_SURVEY_EVERY_MS: count(2_678_400_000).min(1_000).default(86_400_000),
  PIPI_CHECK_EVERY_MS: count(2_678_400_000).min(1_000).default(86_400_000),
  PIPI_HEALTH_EVERY_MS: count(86_400_000).min(1_000).default(60_000),
  PIPI_HOSTS: z.string().min(1).optional(),
  PIPI_CREDENTIALS: z.string().min(1).optional(),
  PIPI_SHARE_CREDENTIALS: flag.default(false),
  PIPI_BUILD_TIME_MS: count(86_400_000).min(1_000).default(600_000),
  PIPI_BUILD_MEMORY_MB: count(1_048_576).min(64).default(3_072),
  PIPI_BUILD_DISK_MB: count(1_048_576).min(16).default(2_048),
  PIPI_BUILD_PROCESSES: count(100_000).min(8).default(256),
  PIPI_BUILD_WALLS: z.enum(['best', 'required']).default('best'),
  PIPI_BOXLANG_JAR: z.string().min(1).optional(),
  PIPI_DOCKER_CONFIG: z.string().min(1).optional(),
  PIPI_MAVEN_MIRROR: z.url({ protocol: /^https?$/ }).optional(),
  PIPI_GITHUB_TOKEN: z.string().min(1).optional(),
  PIPI_GITHUB_API: z.url({ protocol: /^https?$/ }).optional(),
  PIPI_ENGINES_DIR: z.string().min(1).optional(),
  PIPI_CATALOG_DIR: z.string().min(1).optional(),
  PIPI_ENGINES: z
    .string()
    .regex(/^[a-z]{3}(,[a-z]{3})*$/, 'engine codes with commas between')
    .optional(),
})

const clientSchema = z.object({
  PIPI_URL: z.string().min(1).optional(),
  PIPI_TOKEN: z.string().min(1).optional(),
  PIPI_DATA: z.string().min(1).optional(),
})

/** Settings of a platform, from its flags, the environment and the defaults, in this order. Throws `input.invalid` naming every wrong one. */
export function readSettings(flags: ServeFlags = {}, environment: NodeJS.ProcessEnv = process.env): Settings {
  const read = parse(environmentSchema, environment)
  const data = dataFolder(flags.data ?? read.PIPI_DATA)
  return {
    data,
    cache: resolve(cacheFolder(environment)),
    host: flags.host ?? read.PIPI_HOST,
    port: flags.port ?? read.PIPI_PORT,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    masterKey: read.PIPI_MASTER_KEY,
    sandbox: flags.sandbox ?? read.PIPI_SANDBOX,
    logLevel: read.PIPI_LOG_LEVEL,
    capacity: read.PIPI_CAPACITY,
    scaling: {
      min: read.PIPI_MIN_CLONES,
      max: Math.max(read.PIPI_MIN_CLONES, read.PIPI_MAX_CLONES),
      breedAfterMs: read.PIPI_BREED_AFTER_MS,
      drainAfterMs: read.PIPI_DRAIN_AFTER_MS,
    },
    graceMs: read.PIPI_GRACE_MS,
    healthEveryMs: read.PIPI_HEALTH_EVERY_MS,
    watchEvery: {
      usage: read.PIPI_USAGE_EVERY_MS,
      survey: read.PIPI_SURVEY_EVERY_MS,
      check: read.PIPI_CHECK_EVERY_MS,
    },
    hosts: resolve(read.PIPI_HOSTS ?? join(data, 'hosts.yaml')),
    credentials: resolve(read.PIPI_CREDENTIALS ?? join(data, 'credentials')),
    shareCredentials: read.PIPI_SHARE_CREDENTIALS,
    builds: buildSettings(read),
    engines: read.PIPI_ENGINES?.split(','),
    enginesFolder: resolve(read.PIPI_ENGINES_DIR ?? ENGINES_FOLDER),
    catalogFolder: resolve(read.PIPI_CATALOG_DIR ?? CATALOG_FOLDER),
  }
}

const MIB = 1024 ** 2

function buildSettings(read: z.output<typeof environmentSchema>): BuildSettings {
  const { PIPI_GITHUB_TOKEN: token, PIPI_GITHUB_API: api } = read
  return {
    limits: {
      timeMs: read.PIPI_BUILD_TIME_MS,
      memoryBytes: read.PIPI_BUILD_MEMORY_MB * MIB,
      workBytes: read.PIPI_BUILD_DISK_MB * MIB,
      processes: read.PIPI_BUILD_PROCESSES,
    },
    wallsRequired: read.PIPI_BUILD_WALLS === 'required',
    ...(read.PIPI_BOXLANG_JAR === undefined ? {} : { boxlang: resolve(read.PIPI_BOXLANG_JAR) }),
    ...(read.PIPI_MAVEN_MIRROR === undefined ? {} : { mavenMirror: read.PIPI_MAVEN_MIRROR }),
    ...(read.PIPI_DOCKER_CONFIG === undefined ? {} : { dockerConfig: resolve(read.PIPI_DOCKER_CONFIG) }),
    ...(token === undefined ? {} : { github: { token, ...(api === undefined ? {} : { api }) } }),
  }
}

/** What a client needs to find its platform. */
export function readClientSettings(environment: NodeJS.ProcessEnv = process.env): ClientSettings {
  const read = parse(clientSchema, environment)
  return { url: read.PIPI_URL, token: read.PIPI_TOKEN, data: dataFolder(read.PIPI_DATA) }
}

/** What tools that we start by hand (git, go, the Pulumi CLI's installer) may see: all of it. */
export function toolEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  return { ...environment }
}

/** The values of named variables, e.g. a platform's credentials: only those asked for leave this file. */
export function readVariables(
  names: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined || value === '' ? [] : [[name, value] as const]
    }),
  )
}

/** The variables that say which account at an engine's platform is billed, and on which terms. */
export function accountSettingNames(code: string) {
  const prefix = `PIPI_${code.toUpperCase()}`
  return { account: `${prefix}_ACCOUNT`, plan: `${prefix}_PLAN`, consent: `${prefix}_CONSENT_WATCHED` }
}

/** Which account at an engine's platform is billed, on which plan, and whether its owner agreed to watched meters; undefined where nothing is said. */
export function readAccountSettings(
  code: string,
  variables: (names: readonly string[]) => Record<string, string> = readVariables,
) {
  const names = accountSettingNames(code)
  const read = parse(
    z.object({
      [names.account]: z.string().optional(),
      [names.plan]: z.string().optional(),
      [names.consent]: flag.optional(),
    }),
    variables(Object.values(names)),
  )
  return {
    account: read[names.account] as string | undefined,
    plan: read[names.plan] as string | undefined,
    consentWatched: read[names.consent] as boolean | undefined,
    names,
  }
}

/** What every process that we start may know of our environment; nothing else is inherited. */
export function childEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const network = ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']
  // Where Node keeps what it has compiled: each process then starts in half the time.
  const passed = readVariables(['PATH', 'LANG', 'LC_ALL', 'TZ', 'NODE_COMPILE_CACHE', ...network], environment)
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...passed,
    UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())),
  }
}

/** What fetching a source and a build's dependencies takes behind a proxy, a private authority or a registry of one's own. */
export function networkEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy']
  const authorities = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'npm_config_cafile']
  return readVariables([...proxies, ...authorities, 'npm_config_registry'], environment)
}

/** The project's own data folder, from wherever the command is called. */
function dataFolder(given: string | undefined): string {
  return given === undefined ? join(import.meta.dirname, '..', '.pipi') : resolve(given)
}

function parse<S extends z.ZodType>(schema: S, environment: NodeJS.ProcessEnv): z.output<S> {
  // An empty variable is one that is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: `${issue.path.join('.')}: ${issue.message}`,
  }))
  throw new PipiError(
    'input.invalid',
    `the environment has ${problems.length} wrong setting(s): ${problems.map((one) => one.path).join(', ')}`,
    {
      hint: 'correct or unset them',
      problems,
    },
  )
}
