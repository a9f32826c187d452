import type { CommandSetting } from './command-setting.ts'
import type { Detected } from './detect.ts'
import { findTool } from './find-tool.ts'
import { javaOptions, xml } from './java.ts'
import { withLock } from './lock.ts'
import type { WebProxy } from './proxies.ts'
import { runCommand } from './run-command.ts'

/** Packages a project without its tests, which are its developers' affair. What Maven has fetched is kept for the account's next build. */
export async function mavenBuild(setting: CommandSetting, { wrapper, command }: Detected): Promise<void> {
  const { cache, home } = setting.rooms
  const { inside } = setting.walls
  await findTool('java', setting.path)
  if (command === undefined) {
    await findTool('javac', setting.path)
    if (wrapper === undefined) await findTool('mvn', setting.path)
  }
  const kept = inside(cache ?? `${home}/maven`)
  const environment = {
    ...setting.environment,
    MAVEN_OPTS: `${javaOptions(setting)} -Dmaven.repo.local=${kept}`,
    MAVEN_USER_HOME: kept,
  }
  const start = wrapper === undefined ? 'exec mvn "$@"' : 'exec sh ./mvnw "$@"'
  const args = command === undefined ? ['-c', start, 'mvn', '-B', '-ntp', '-DskipTests', 'package'] : ['-c', command]
  const run = () =>
    runCommand({ ...setting, environment, title: command ?? 'mvn -DskipTests package', file: 'sh', args })
  // A repository of Maven's is not made for two at a time.
  if (cache === undefined) await run()
  else await withLock(`${cache}.lock`, setting.signal, run)
}

/** `~/.m2/settings.xml`: how this host reaches Maven's repositories, as its owner has said. */
export function mavenSettings(proxies: readonly WebProxy[], mirror: string | undefined): string {
  const lines = proxies.map(
    ({ protocol, host, port, user, password, except }, index) =>
      `<proxy><id>p${index}</id><active>true</active><protocol>${protocol}</protocol><host>${xml(host)}</host><port>${port}</port>` +
      `<username>${xml(user)}</username><password>${xml(password)}</password><nonProxyHosts>${xml(except.join('|'))}</nonProxyHosts></proxy>`,
  )
  const mirrors =
    mirror === undefined ? '' : `<mirror><id>owner</id><mirrorOf>central</mirrorOf><url>${xml(mirror)}</url></mirror>`
  return `<settings><proxies>${lines.join('')}</proxies><mirrors>${mirrors}</mirrors></settings>\n`
}
