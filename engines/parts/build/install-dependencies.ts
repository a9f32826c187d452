import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { type Command, runCommand } from './run-command.ts'

/** How a command is run, all but what is run. */
export type CommandSetting = Omit<Command, 'title' | 'file' | 'args'>

/** Installs what `package.json` names, as its lock file says. Returns whether there was anything to install. */
export async function installDependencies(setting: CommandSetting): Promise<boolean> {
  const needs = await readNeeds(setting.folder)
  if (needs.length === 0) return false
  const locked = await exists(join(setting.folder, 'package-lock.json'))
  if (!locked) setting.log('No package-lock.json: versions are chosen now and may be others next time.')
  const args = [locked ? 'ci' : 'install', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error']
  await runCommand({ ...setting, title: `npm ${args[0]}`, file: 'npm', args })
  return true
}

/** Leaves out what only the build needed. */
export async function pruneDependencies(setting: CommandSetting): Promise<void> {
  const args = ['prune', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await runCommand({ ...setting, title: 'npm prune', file: 'npm', args })
}

const packageSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
})

async function readNeeds(folder: string): Promise<string[]> {
  const file = join(folder, 'package.json')
  if (!(await exists(file))) return []
  try {
    const found = packageSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    return Object.keys({ ...found.dependencies, ...found.devDependencies, ...found.optionalDependencies })
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

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
