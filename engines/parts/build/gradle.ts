import type { CommandSetting } from './command-setting.ts'
import type { Detected } from './detect.ts'
import { findTool } from './find-tool.ts'
import { javaOptions } from './java.ts'
import { withLock } from './lock.ts'
import type { WebProxy } from './proxies.ts'
import { runCommand } from './run-command.ts'

/** Assembles a project by the wrapper that it brings along. What Gradle has fetched is kept for the account's next build. */
export async function gradleBuild(setting: CommandSetting, { command }: Detected): Promise<void> {
  const { cache, home } = setting.rooms
  await findTool('java', setting.path)
  await findTool('javac', setting.path)
  const environment = {
    ...setting.environment,
    GRADLE_USER_HOME: setting.walls.inside(cache ?? `${home}/gradle`),
    GRADLE_OPTS: `${javaOptions(setting)} -Dorg.gradle.daemon=false`,
  }
  const start = command ?? 'sh ./gradlew --no-daemon --console=plain --quiet assemble'
  // The folder is the builds' own: they write to it by themselves, never we.
  const args = ['-c', `mkdir -p "$GRADLE_USER_HOME" && cp "$HOME/gradle.properties" "$GRADLE_USER_HOME/" && ${start}`]
  const run = () => runCommand({ ...setting, environment, title: command ?? './gradlew assemble', file: 'sh', args })
  if (cache === undefined) await run()
  else await withLock(`${cache}.lock`, setting.signal, run)
}

/** `gradle.properties`: how this host reaches the network, as its owner has said. */
export function gradleProperties(proxies: readonly WebProxy[]): string {
  return proxies
    .flatMap(({ protocol, host, port, user, password, except }) => [
      `systemProp.${protocol}.proxyHost=${host}`,
      `systemProp.${protocol}.proxyPort=${port}`,
      ...(user === '' ? [] : [`systemProp.${protocol}.proxyUser=${escaped(user)}`]),
      ...(password === '' ? [] : [`systemProp.${protocol}.proxyPassword=${escaped(password)}`]),
      `systemProp.http.nonProxyHosts=${except.join('|')}`,
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\')
}
