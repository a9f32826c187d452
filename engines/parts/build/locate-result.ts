import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { BuiltComponent } from '../../contract/component.ts'
import type { Made } from '../../contract/engine.ts'
import { type Detected, isJvm } from './detect.ts'
import type { Result as Kept } from './keep-artifact.ts'
import type { BuildSettings } from './settings.ts'
import { findStartable } from './startable.ts'

export type Result = Kept & { made: Made }

export interface Finished {
  component: BuiltComponent
  detected: Pick<Detected, 'boxlang'> & { tool: Made['tool'] }
  /** The component's folder after the build. */
  folder: string
  /** The whole source after the build. */
  root: string
  /** The component's folder as it was fetched. */
  before: string
  settings: BuildSettings
}

/** Where the usual tools leave a finished site. */
const OUTPUTS = ['dist', 'build', 'public', 'out', '_site']
const BOXLANG = 'boxlang-miniserver.jar'

/** What of a finished build is kept, and what can run it. Throws `build.failed` when what has to be there is not. */
export async function locateResult(finished: Finished): Promise<Result> {
  const { component, detected, root } = finished
  const { tool } = detected
  if (isJvm(component)) return jvmResult(finished)
  const folder = join(finished.folder, component.build.output ?? outputOf(finished))
  const site = component.kind === 'site'
  // Commands of packages are links and serve nobody at run time; a site needs no packages at all.
  const without = new Set(site ? ['.git', 'node_modules'] : ['.git', '.bin'])
  await requireEntry(finished, folder)
  const runtime = site || component.kind === 'container' ? 'files' : 'node'
  return { folder, root, without, made: { tool, runtime } }
}

async function jvmResult(finished: Finished): Promise<Result> {
  const { component, detected, root, settings } = finished
  const { tool } = detected
  const { output } = component.build
  const folder = join(finished.folder, output ?? '.')
  const without = new Set(['.git'])
  if (detected.boxlang) {
    if (settings.boxlang === undefined || !existsSync(settings.boxlang)) {
      throw new PipiError('build.failed', `${component.name} holds BoxLang pages, and this host has no MiniServer`, {
        hint: 'The owner of the host names the MiniServer’s jar in PIPI_BOXLANG_JAR; or bring a jar of your own along.',
      })
    }
    // The pages lie in a folder of their own, so that the server does not hand itself out.
    const added = { path: BOXLANG, source: settings.boxlang }
    return { folder, root, without, under: 'webroot', added, made: { tool, runtime: 'boxlang', jar: BOXLANG } }
  }
  const named = component.kind === 'service' ? component.jar : undefined
  const found = await findStartable(folder, tool, named, output !== undefined)
  const { jar, only } = found
  const runtime = jar.endsWith('.war') ? 'war' : 'jar'
  return { folder: found.folder, root, without, ...(only === undefined ? {} : { only }), made: { tool, runtime, jar } }
}

/** The folder with the finished pages: what the build has made, else where they lay before. */
function outputOf({ component, folder, before }: Finished): string {
  if (component.kind !== 'site') return '.'
  const has = (at: string, name: string) => existsSync(join(at, name, 'index.html'))
  const made = OUTPUTS.find((name) => has(folder, name) && !has(before, name))
  if (made !== undefined || has(folder, '.')) return made ?? '.'
  return OUTPUTS.find((name) => has(folder, name)) ?? '.'
}

async function requireEntry({ component }: Finished, folder: string): Promise<void> {
  const entry = component.kind === 'site' ? 'index.html' : 'main' in component ? component.main : undefined
  if (entry === undefined) return
  const found = await stat(join(folder, entry)).catch(() => undefined)
  if (found?.isFile()) return
  const where = join(component.path, component.build.output ?? '.')
  throw new PipiError('build.failed', `${entry} is not in the result of ${component.name} (folder ${where})`, {
    hint:
      component.kind === 'site'
        ? 'A site needs an index.html at its top. Is build.output the folder with the finished pages?'
        : 'Name the module that is started as "main", counted from build.output.',
  })
}
