import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PipiError } from '../catalog/errors.ts'
import { CATALOG_FOLDER, loadPlatform } from '../catalog/load.ts'
import { readYaml } from '../catalog/read-yaml.ts'
import { type ComponentKind, componentSchema } from './contract/component.ts'
import { dnaSchema, type Engine, type ProgramModule, type ResourceRule } from './contract/engine.ts'
import type { Hosts } from './contract/hosts.ts'
import type {
  Authenticate,
  CheckAccount,
  Exchange,
  GuardRails,
  ReadUsage,
  Survey,
  WatchContext,
} from './contract/watch.ts'
import { bindRules } from './demand/bind.ts'
import { rulesOfCatalog } from './demand/rules-of-catalog.ts'

/** The folder of the engines that come with the program. */
export const ENGINES_FOLDER = import.meta.dirname

const KINDS: readonly ComponentKind[] = componentSchema.options.map((option) => option.shape.kind.value)

/**
 * Every engine there is, by code: each folder with an `engine.yaml`, and the catalogue file of the same code. Nothing of
 * a platform's SDK is loaded before one of its programs is used.
 */
export async function scanEngines(
  folder: string = ENGINES_FOLDER,
  catalog: string = CATALOG_FOLDER,
): Promise<Map<string, Engine>> {
  const engines = new Map<string, Engine>()
  for (const code of await engineCodes(folder)) engines.set(code, await assemble(folder, code, catalog))
  return engines
}

/** One engine. Throws `not-found` naming those there are, `catalog.invalid` for a folder that is not complete. */
export async function loadEngine(
  code: string,
  folder: string = ENGINES_FOLDER,
  catalog: string = CATALOG_FOLDER,
): Promise<Engine> {
  const codes = await engineCodes(folder)
  if (!codes.includes(code)) {
    throw new PipiError('not-found', `there is no engine "${code}"`, { hint: `there are ${codes.join(', ')}` })
  }
  return assemble(folder, code, catalog)
}

/** The module with an engine's simulated cloud, as a file URL, or undefined where it has none. */
export function sandboxModuleOf(engine: Engine): string | undefined {
  const file = moduleFile(engine.folder, 'sandbox/resources')
  return file === undefined ? undefined : pathToFileURL(file).href
}

async function engineCodes(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'engine.yaml')))
    .map((entry) => entry.name)
    .sort()
}

async function assemble(parent: string, code: string, catalog: string): Promise<Engine> {
  const folder = join(parent, code)
  const read = await readYaml(join(folder, 'engine.yaml'), dnaSchema)
  if (!read.ok) {
    throw new PipiError('catalog.invalid', `engines/${code}/engine.yaml: ${read.problems[0]?.message}`, {
      problems: read.problems,
    })
  }
  const dna = read.value
  if (dna.code !== code) {
    throw new PipiError('catalog.invalid', `engines/${code}/engine.yaml names the code "${dna.code}"`, {
      hint: `write "${code}", as the folder is named`,
    })
  }
  const platform = await loadPlatform(code, catalog)
  const own = await importModule<{
    rules: Record<string, ResourceRule>
    noCarrier?: Engine['noCarrier']
    refuses?: Engine['refuses']
    advises?: Engine['advises']
    noGuardRails?: string
  }>(folder, 'rules')
  if (own?.rules === undefined) {
    throw new PipiError('catalog.invalid', `engines/${code} has no rules`, {
      hint: `export "rules" from engines/${code}/rules.ts`,
    })
  }
  const limits = moduleFile(folder, 'limits')
  const surroundings = moduleFile(folder, 'surroundings')
  const provider = moduleFile(folder, 'provider/index')
  const hosts = moduleFile(folder, 'hosts/index')
  const exchange = moduleFile(folder, 'exchange')
  return {
    dna,
    folder,
    programs: programsOf(folder),
    rules: bindRules({ ...rulesOfCatalog(platform, dna.providers), ...own.rules }, platform, Date.now),
    facts: platform,
    watch: watchOf(folder),
    ...(exchange === undefined
      ? {}
      : { exchange: async (given) => (await importFile<{ default: Exchange }>(exchange)).default(given) }),
    ...guardRailsOf(folder),
    ...(own.noGuardRails === undefined ? {} : { noGuardRails: own.noGuardRails }),
    noCarrier: own.noCarrier ?? {},
    ...(own.refuses === undefined ? {} : { refuses: own.refuses }),
    ...(own.advises === undefined ? {} : { advises: own.advises }),
    ...(surroundings === undefined
      ? {}
      : {
          surroundings: async (given) =>
            (await importFile<{ default: NonNullable<Engine['surroundings']> }>(surroundings)).default(given),
        }),
    ...(limits === undefined
      ? {}
      : {
          limits: async (options) =>
            (await importFile<{ default: NonNullable<Engine['limits']> }>(limits)).default(options),
        }),
    ...(hosts === undefined ? {} : { hosts: async () => (await importFile<{ hosts: Hosts }>(hosts)).hosts }),
    ...(provider === undefined
      ? {}
      : {
          startProvider: async (options) =>
            (await importFile<{ startProvider: NonNullable<Engine['startProvider']> }>(provider)).startProvider(
              options,
            ),
        }),
  }
}

/** Loaded when first asked for: most clones never watch. */
function watchOf(folder: string): Engine['watch'] {
  const lazy = <F extends (context: WatchContext) => Promise<unknown>>(name: string): F | undefined => {
    const file = moduleFile(folder, `watch/${name}`)
    if (file === undefined) return undefined
    return (async (context: WatchContext) => (await importFile<{ default: F }>(file)).default(context)) as F
  }
  const [usage, survey, check] = [lazy<ReadUsage>('usage'), lazy<Survey>('survey'), lazy<CheckAccount>('check')]
  const listing = moduleFile(folder, 'watch/survey')
  const proof = moduleFile(folder, 'watch/authenticate')
  return {
    ...(usage === undefined ? {} : { usage }),
    ...(survey === undefined ? {} : { survey }),
    ...(check === undefined ? {} : { check }),
    ...(listing === undefined
      ? {}
      : { surveyed: async () => (await importFile<{ types: readonly string[] }>(listing)).types }),
    ...(proof === undefined
      ? {}
      : { authenticate: async () => (await importFile<{ default: Authenticate }>(proof)).default }),
  }
}

/** Like a program it is loaded, with its SDK, when it is declared. */
function guardRailsOf(folder: string): Pick<Engine, 'guardRails'> {
  const file = moduleFile(folder, 'guard-rails')
  if (file === undefined) return {}
  return {
    guardRails: {
      declare: (context) => (createRequire(import.meta.url)(file) as { default: GuardRails }).default.declare(context),
    },
  }
}

/** Each program is loaded when it is first asked for: an SDK costs memory that only its own clone should pay. */
function programsOf(folder: string): Engine['programs'] {
  const programs: Engine['programs'] = {}
  for (const kind of KINDS) {
    const file = moduleFile(folder, `programs/${kind}`)
    if (file === undefined) continue
    let loaded: ProgramModule | undefined
    Object.defineProperty(programs, kind, {
      enumerable: true,
      get(): ProgramModule {
        loaded ??= moduleOf(createRequire(import.meta.url)(file) as ProgramModule | { default: ProgramModule })
        return loaded
      },
    })
  }
  return programs
}

function moduleOf(exported: ProgramModule | { default: ProgramModule }): ProgramModule {
  return 'default' in exported ? exported.default : exported
}

/** A module of an engine's folder, as source or as built. */
function moduleFile(folder: string, name: string): string | undefined {
  return [`${name}.ts`, `${name}.js`].map((file) => join(folder, file)).find((file) => existsSync(file))
}

async function importModule<T>(folder: string, name: string): Promise<T | undefined> {
  const file = moduleFile(folder, name)
  return file === undefined ? undefined : importFile<T>(file)
}

async function importFile<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(file).href)) as T
}
