import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { BuiltComponent } from '../../contract/component.ts'

/** What is run to build a component, in the component's folder. */
export interface Detected {
  tool: 'npm' | 'maven' | 'gradle' | 'none'
  /** In place of the tool's own build. */
  command?: string
  /** For npm: what there is to install, and the script that builds. */
  npm?: { locked: boolean; needs: boolean; script?: string }
  /** For Maven and Gradle: the wrapper that the source brings along. */
  wrapper?: string
  /** Pages or templates of BoxLang, to be run by its MiniServer. */
  boxlang?: boolean
}

/** Looks what builds a component: as its manifest says, else as its folder tells. Runs nothing. Throws `build.failed`. */
export async function detect(folder: string, component: BuiltComponent): Promise<Detected> {
  const { tool, command } = component.build
  const names = new Set(await readdir(folder))
  const found = tool ?? told(names, component)
  const base = { tool: found, ...(command === undefined ? {} : { command }) }
  if (found === 'npm') return { ...base, npm: await npmOf(folder, names) }
  if (found === 'maven') {
    require_(names.has('pom.xml'), component, 'maven', 'pom.xml')
    return { ...base, ...(names.has('mvnw') ? { wrapper: 'mvnw' } : {}) }
  }
  if (found === 'gradle') {
    // The version that a build needs is in its wrapper, and nowhere else.
    require_(names.has('gradlew') || command !== undefined, component, 'gradle', 'gradlew')
    return { ...base, ...(names.has('gradlew') ? { wrapper: 'gradlew' } : {}) }
  }
  const boxlang = isJvm(component) && command === undefined && (await isBoxLang(folder, names))
  return { ...base, ...(boxlang ? { boxlang } : {}) }
}

function told(names: Set<string>, component: BuiltComponent): Detected['tool'] {
  const jvm = [
    ['maven', ['pom.xml']],
    ['gradle', ['build.gradle', 'build.gradle.kts', 'gradlew']],
  ] as const
  const npm = [['npm', ['package.json']]] as const
  // A Java project may well have a package.json for its pages.
  const order = isJvm(component) ? jvm : component.kind === 'container' ? [...npm, ...jvm] : npm
  return order.find(([, signs]) => signs.some((sign) => names.has(sign)))?.[0] ?? 'none'
}

export function isJvm(component: BuiltComponent): boolean {
  return component.kind === 'service' && component.runtime === 'jvm'
}

/** For people: `npm ci and the script "build"`. */
export function describe({ tool, command, npm, wrapper, boxlang }: Detected): string {
  if (boxlang) return 'BoxLang pages, nothing to build'
  if (tool === 'npm') {
    const install = npm?.needs ? [npm.locked ? 'npm ci' : 'npm install'] : []
    const build = command ?? (npm?.script === undefined ? undefined : 'npm run build')
    return [...install, ...(build === undefined ? [] : [build])].join(', then ') || 'nothing to install or run'
  }
  if (command !== undefined) return tool === 'none' ? command : `${tool}: ${command}`
  if (tool === 'none') return 'files as they are'
  return wrapper === undefined ? tool : `${tool} (./${wrapper})`
}

const packageSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  scripts: z.record(z.string(), z.string()).default({}),
})

async function npmOf(folder: string, names: Set<string>): Promise<NonNullable<Detected['npm']>> {
  if (!names.has('package.json')) return { locked: false, needs: false }
  const { dependencies, devDependencies, optionalDependencies, scripts } = await readPackage(folder)
  const needs = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0
  const locked = names.has('package-lock.json') || names.has('npm-shrinkwrap.json')
  const foreign = ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'].find((name) => names.has(name))
  if (needs && !locked && foreign !== undefined) {
    throw new PipiError('build.failed', `The versions are locked in ${foreign}, and only npm's lock file is honoured`, {
      hint: 'Add a package-lock.json (npm install --package-lock-only), or set build.tool to none and build.command to your own tool.',
    })
  }
  return { locked, needs, ...(scripts.build === undefined ? {} : { script: scripts.build }) }
}

async function readPackage(folder: string): Promise<z.output<typeof packageSchema>> {
  try {
    return packageSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  } catch (error) {
    throw new PipiError(
      'build.failed',
      `package.json is not valid: ${error instanceof Error ? error.message : error}`,
      {
        hint: 'npm itself must be able to read it: run npm install beside it.',
        cause: error,
      },
    )
  }
}

async function isBoxLang(folder: string, names: Set<string>): Promise<boolean> {
  if ([...names].some((name) => /\.(jar|war)$/i.test(name))) return false
  const pages: string[] = []
  for (const name of names) {
    const within = (await stat(join(folder, name))).isDirectory() ? await readdir(join(folder, name)) : [name]
    pages.push(...within.filter((each) => /\.(bx|bxm|bxs|cfm|cfc)$/i.test(each)))
  }
  return pages.length > 0
}

function require_(there: boolean, component: BuiltComponent, tool: string, file: string): void {
  if (there) return
  throw new PipiError('build.failed', `${component.name} is built with ${tool}, and its folder holds no ${file}`, {
    hint: `Check "path" and "build.tool" in the manifest, or add ${file} to the source.`,
  })
}
