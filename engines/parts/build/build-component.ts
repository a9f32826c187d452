import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type BuiltComponent, isRunning } from '../../contract/component.ts'
import type { Built } from '../../contract/engine.ts'
import { clearFolder, openFolder } from './clear-folder.ts'
import type { CommandSetting } from './command-setting.ts'
import { type Detected, describe, detect } from './detect.ts'
import { digestOf, listFiles } from './digest.ts'
import { type BuildKey, keyOf, recallBuild, rememberBuild } from './earlier-build.ts'
import { gradleBuild } from './gradle.ts'
import { handOver } from './hand-over.ts'
import { keepArtifact } from './keep-artifact.ts'
import { type BuildLimits, buildLimits } from './limits.ts'
import { locateResult } from './locate-result.ts'
import { withLock } from './lock.ts'
import { mavenBuild } from './maven.ts'
import { npmBuild, npmInstall, npmPrune } from './npm.ts'
import { pathOf, prepare } from './prepare.ts'
import { runCommand } from './run-command.ts'
import type { BuildSettings } from './settings.ts'
import { versionsOf } from './versions.ts'

export interface BuildOrder {
  /** The source as it was fetched. It is not changed: the build works on a copy. */
  sourceFolder: string
  component: BuiltComponent
  /** Whose it is: builds of different accounts share nothing. */
  account: string
  /** A folder of this build alone; it is emptied before and removed after. */
  workFolder: string
  /** The content-addressed store, shared by the engines of one host. The folder above it holds what is ours. */
  artifacts: string
  signal: AbortSignal
  log(line: string): void
  settings?: BuildSettings
  /** Where the source comes from, for builds that are handed to GitHub Actions. */
  git?: { url: string; ref: string; commit: string; local: boolean }
  /** Where `npm`, `sh` and what the build calls are looked for; Node of this process always comes first. */
  path?: string
  /** Further variables that the owner of the host lets builds see, e.g. the address of a package registry. */
  environment?: Record<string, string>
}

/**
 * Turns a component's source into an artifact: finds out how, installs dependencies, runs the build, keeps the result.
 * What was built before from the same source in the same way is taken as it is.
 * Throws `build.failed` or `build.timeout`; `data.lines` holds the last lines of the build.
 */
export async function buildComponent(order: BuildOrder): Promise<Built> {
  const { component, sourceFolder, artifacts, signal } = order
  const folder = join(sourceFolder, component.path)
  await requireFolder(folder, sourceFolder, `The component ${component.name}`, component.path, 'path')
  const handed = component.build.github !== undefined
  const detected = handed ? ({ tool: 'none' } as const) : await detect(folder, component)
  order.log(`${component.name}: ${handed ? 'built by GitHub Actions' : describe(detected)}`)
  if (!handed && !runsSomething(detected))
    return keep(order, detected, sourceFolder, buildLimits(order.settings?.limits))
  const key = keyOf(await whatItDependsOn(order, detected))
  // Two at the same time would do the same work: the second one waits and takes what the first one made.
  return withLock(join(artifacts, 'building', key), signal, async () => {
    const earlier = await recallBuild(artifacts, key)
    if (earlier !== undefined) {
      order.log(`built before from this very source: ${earlier.digest.slice(0, 12)} is taken again`)
      return earlier
    }
    const built = handed ? await handOver(order) : await build(order, detected)
    await rememberBuild(artifacts, key, built)
    return built
  })
}

function runsSomething({ tool, command, npm }: Detected): boolean {
  if (command !== undefined || tool === 'maven' || tool === 'gradle') return true
  return npm !== undefined && (npm.needs || npm.script !== undefined)
}

async function whatItDependsOn(order: BuildOrder, { tool }: Detected): Promise<BuildKey> {
  return {
    source: await digestOf(await listFiles(order.sourceFolder)),
    component: order.component,
    account: order.account,
    versions: await versionsOf(tool, pathOf(order)),
  }
}

async function build(order: BuildOrder, detected: Detected): Promise<Built> {
  try {
    const setting = await prepare(order, detected)
    await runTool(setting, detected, isRunning(order.component))
    await openFolder(setting.rooms.source)
    return await keep(order, detected, setting.rooms.source, setting.limits)
  } finally {
    await clearFolder(order.workFolder)
  }
}

async function runTool(setting: CommandSetting, detected: Detected, running: boolean): Promise<void> {
  const { tool, command, npm } = detected
  if (tool === 'maven') return mavenBuild(setting, detected)
  if (tool === 'gradle') return gradleBuild(setting, detected)
  if (npm?.needs) await npmInstall(setting, npm)
  if (command !== undefined) await runCommand({ ...setting, title: command, file: 'sh', args: ['-c', command] })
  else if (npm?.script !== undefined) await npmBuild(setting)
  if (npm?.needs && running) await npmPrune(setting)
}

async function keep(order: BuildOrder, detected: Detected, root: string, limits: BuildLimits): Promise<Built> {
  const { component, sourceFolder, artifacts, settings = {} } = order
  const folder = join(root, component.path)
  const what = `The result of ${component.name}`
  const { output } = component.build
  if (output !== undefined) await requireFolder(join(folder, output), root, what, output, 'build.output')
  const before = join(sourceFolder, component.path)
  const { made, ...result } = await locateResult({ component, detected, folder, root, before, settings })
  await requireFolder(result.folder, root, what, output ?? '.', 'build.output')
  return { ...(await keepArtifact(result, artifacts, limits)), made }
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
