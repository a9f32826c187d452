import type { CommandSetting } from './command-setting.ts'
import type { Detected } from './detect.ts'
import { findTool } from './find-tool.ts'
import { runCommand } from './run-command.ts'

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']

/** Installs what `package.json` names, as its lock file says. */
export async function npmInstall(setting: CommandSetting, { locked }: NonNullable<Detected['npm']>): Promise<void> {
  await findTool('npm', setting.path)
  if (!locked) setting.log('No package-lock.json: versions are chosen now and may be others next time.')
  const args = [locked ? 'ci' : 'install', '--ignore-scripts=false', ...QUIET]
  await run(setting, `npm ${args[0]}`, args)
}

/** The package's own script. */
export async function npmBuild(setting: CommandSetting): Promise<void> {
  await findTool('npm', setting.path)
  await run(setting, 'npm run build', ['run', 'build', '--silent'])
}

/** Leaves out what only the build needed. */
export async function npmPrune(setting: CommandSetting): Promise<void> {
  await run(setting, 'npm prune', ['prune', '--omit=dev', '--ignore-scripts', ...QUIET])
}

/** What npm has fetched once is kept for the account's next build; it checks each piece against the lock file. */
async function run(setting: CommandSetting, title: string, args: string[]): Promise<void> {
  const { cache } = setting.rooms
  const kept: Record<string, string> = cache === undefined ? {} : { npm_config_cache: setting.walls.inside(cache) }
  await runCommand({ ...setting, environment: { ...setting.environment, ...kept }, title, file: 'npm', args })
}
