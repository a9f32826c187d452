import { execFile, execFileSync } from 'node:child_process'
import { access, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { serviceSchema } from '../../../../engines/contract/component.ts'
import { buildComponent } from '../../../../engines/parts/build/build-component.ts'
import { gradleProperties } from '../../../../engines/parts/build/gradle.ts'
import { mavenSettings } from '../../../../engines/parts/build/maven.ts'
import { proxiesOf } from '../../../../engines/parts/build/proxies.ts'
import { orderOf } from './orders.ts'

const has = (tool: string) => {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${tool}`]).length > 0
  } catch {
    return false
  }
}
const JDK = has('javac') && has('jar')
const MAIN =
  'package a; public class Main { public static void main(String[] x) { System.out.println("tide is " + x[0]); } }'
const service = serviceSchema.parse({ name: 'api', kind: 'service', runtime: 'jvm' })

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>a</groupId><artifactId>tide</artifactId><version>1</version>
<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target></properties>
<build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive><manifest>
<mainClass>a.Main</mainClass></manifest></archive></configuration></plugin></plugins></build></project>`

/** What a Gradle wrapper does for this project, without Gradle: that is not to be had everywhere. */
const GRADLEW = `#!/bin/sh
set -e
[ -w "$GRADLE_USER_HOME" ] && cp "$GRADLE_USER_HOME/gradle.properties" told.txt
mkdir -p classes build/libs && javac -d classes src/main/java/a/Main.java
jar --create --file build/libs/tide.jar --main-class a.Main -C classes .
jar --create --file build/libs/tide-plain.jar -C classes .
`

describe('a JVM service', () => {
  // Without a JDK and Maven there is nothing to build with; without Maven's repositories nothing to build from.
  it.runIf(JDK && has('mvn'))(
    'is built by Maven behind the walls, with a repository of the builds’ own',
    { timeout: 240_000 },
    async () => {
      const { order } = await orderOf({ 'pom.xml': POM, 'src/main/java/a/Main.java': MAIN }, service)
      const before = await readdir(join(homedir(), '.m2')).catch(() => 'none')
      const { path, made } = await buildComponent(order)
      expect(made).toEqual({ tool: 'maven', runtime: 'jar', jar: 'tide-1.jar' })
      expect(await readdir(path)).toEqual(['tide-1.jar'])
      const { stdout } = await promisify(execFile)('java', ['-jar', join(path, 'tide-1.jar'), 'high'])
      expect(stdout).toBe('tide is high\n')
      const [account = ''] = await readdir(join(order.artifacts, 'caches'))
      expect(await readdir(join(order.artifacts, 'caches', account, 'maven'))).toContain('org')
      expect(await readdir(join(homedir(), '.m2')).catch(() => 'none')).toEqual(before)
    },
  )

  it.runIf(JDK)('is built by its Gradle wrapper, which is told of this host’s network', async () => {
    const { order } = await orderOf(
      { gradlew: GRADLEW, 'build.gradle': '', 'src/main/java/a/Main.java': MAIN },
      service,
    )
    const environment = { HTTPS_PROXY: 'http://proxy.example:3128' }
    const component = serviceSchema.parse({ ...service, build: { output: 'build/libs' } })
    const { path, made } = await buildComponent({ ...order, component, environment })
    expect(made).toEqual({ tool: 'gradle', runtime: 'jar', jar: 'tide.jar' })
    await access(join(path, 'tide.jar'))
    const [account = ''] = await readdir(join(order.artifacts, 'caches'))
    const told = await readFile(join(order.artifacts, 'caches', account, 'gradle/gradle.properties'), 'utf8')
    expect(told).toContain('systemProp.https.proxyHost=proxy.example')
  })

  it('hears of proxies and mirrors as Java’s tools want it told', () => {
    const proxies = proxiesOf({
      HTTPS_PROXY: 'http://ann:p%26w@proxy.example:3128',
      no_proxy: 'localhost,.inside.example',
    })
    expect(proxies).toEqual([
      {
        protocol: 'https',
        host: 'proxy.example',
        port: 3128,
        user: 'ann',
        password: 'p&w',
        except: ['localhost', '*.inside.example'],
      },
    ])
    const settings = mavenSettings(proxies, 'https://mirror.example/maven?a=1&b=2')
    expect(settings).toContain('<password>p&#38;w</password>')
    expect(settings).toContain('<nonProxyHosts>localhost|*.inside.example</nonProxyHosts>')
    expect(settings).toContain('<mirrorOf>central</mirrorOf><url>https://mirror.example/maven?a=1&#38;b=2</url>')
    expect(gradleProperties(proxies)).toContain('systemProp.https.proxyPassword=p&w\n')
    expect(proxiesOf({ HTTP_PROXY: 'socks5://proxy.example', https_proxy: 'not an address' })).toEqual([])
  })
})
