import { constants } from 'node:fs'
import { cp, mkdir, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Built } from '../../contract/engine.ts'
import { type BuiltComponent, isRunning } from '../../contract/manifest.ts'
import { type CommandSetting, installDependencies, pruneDependencies } from './install-dependencies.ts'
import { keepArtifact } from './keep-artifact.ts'
import { BUILD_LIMITS, type BuildLimits } from './limits.ts'
import { runCommand } from './run-command.ts'

export interface BuildOrder {
  /** The source as it was fetched. It is not changed: the build works on a copy. */
  sourceFolder: string
  component: BuiltComponent
  /** A folder of this build alone; it is emptied before and removed after. */
  workFolder: string
  /** The content-addressed store, shared by the engines of one host. */
  artifacts: string
  signal: AbortSignal
  log(line: string): void
  limits?: Partial<BuildLimits>
  /** Where `npm`, `sh` and what the build calls are looked for; Node of this process always comes first. */
  path?: string
  /** Further variables that the owner of the host lets builds see, e.g. the address of a package registry. */
  environment?: Record<string, string>
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Turns a component's source into an artifact: installs dependencies, runs the build command, keeps the result.
 * Throws `build.failed` or `build.timeout`; `data.lines` holds the last lines of the build.
 */
export async function buildComponent(order: BuildOrder): Promise<Built> {
  const { component } = order
  const source = join(order.workFolder, 'source')
  const setting = await prepare(order, source)
  try {
    await requireFolder(setting.folder, source, `The component ${component.name}`, component.path, 'path')
    const installed = await installDependencies(setting)
    if (component.build.command !== undefined) {
      const title = component.build.command
      await runCommand({ ...setting, title, file: 'sh', args: ['-c', title] })
    }
    if (installed && isRunning(component)) await pruneDependencies(setting)
    return await keepArtifact(await locateResult(component, setting.folder, source), order.artifacts, setting.limits)
  } finally {
    await rm(order.workFolder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function prepare(order: BuildOrder, source: string): Promise<CommandSetting> {
  const home = join(order.workFolder, 'home')
  const temporary = join(order.workFolder, 'tmp')
  await rm(order.workFolder, { recursive: true, force: true })
  for (const folder of [home, temporary]) await mkdir(folder, { recursive: true })
  await cp(order.sourceFolder, source, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  return {
    folder: join(source, order.component.path),
    environment: {
      ...order.environment,
      ...order.component.env,
      PATH: `${dirname(process.execPath)}:${order.path ?? SYSTEM_PATH}`,
      LANG: 'C.UTF-8',
      CI: 'true',
      HOME: home,
      TMPDIR: temporary,
    },
    workFolder: order.workFolder,
    limits: { ...BUILD_LIMITS, ...order.limits },
    signal: order.signal,
    log: order.log,
  }
}

async function locateResult(component: BuiltComponent, folder: string, root: string) {
  const { output } = component.build
  const result = join(folder, output ?? '.')
  if (output !== undefined) await requireFolder(result, root, `The result of ${component.name}`, output, 'build.output')
  const entry = entryOf(component)
  if (
    entry !== undefined &&
    !(await stat(join(result, entry)).then(
      (found) => found.isFile(),
      () => false,
    ))
  ) {
    throw new PipiError(
      'build.failed',
      `${entry} is not in the result of ${component.name} (folder ${join(component.path, output ?? '.')})`,
      {
        hint:
          component.kind === 'site'
            ? 'A site needs an index.html at its top. Is build.output the folder with the finished pages?'
            : 'Name the module that listens on PORT as "main", counted from build.output.',
      },
    )
  }
  // Commands of packages are links and serve nobody at run time; a site needs no packages at all.
  const without = new Set(component.kind === 'site' ? ['.git', 'node_modules'] : ['.git', '.bin'])
  return { folder: result, root, without }
}

/** What has to be in the result; a container's command is its own affair. */
function entryOf(component: BuiltComponent): string | undefined {
  if (component.kind === 'site') return 'index.html'
  if (component.kind === 'container') return undefined
  return component.kind === 'service' && component.runtime === 'jvm' ? component.jar : component.main
}

/** A folder that really lies inside the source, links followed. */
async function requireFolder(
  folder: string,
  root: string,
  what: string,
  named: string,
  property: string,
): Promise<void> {
  const real = await realpath(folder).catch(() => undefined)
  const status = real === undefined ? undefined : await stat(real)
  const inside = real !== undefined && `${real}${sep}`.startsWith(`${await realpath(root)}${sep}`)
  if (status?.isDirectory() && inside) return
  const found = status === undefined ? 'there is none' : inside ? 'that is no folder' : 'that leads out of the source'
  throw new PipiError('build.failed', `${what} should be in the folder ${named}, and ${found}`, {
    hint: `Check "${property}" in the manifest against the source.`,
  })
}
