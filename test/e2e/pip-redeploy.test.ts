import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRepository } from '../../platform/cli/quickstart/make-repository.ts'
import { tempFolder } from '../helpers/temp.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { type Load, loadOn } from './helpers/load.ts'
import { usePlatform } from './helpers/platform.ts'

const RELEASES = 20
const ENDED = ['succeeded', 'failed', 'refused', 'cancelled', 'superseded', 'dead']
const MISSING = ['java', 'javac', 'mvn'].filter((name) => !existsSync(`/usr/bin/${name}`))

interface Deployment {
  status: string
  outputs: Record<string, { url: string }>
  error?: { message: string; lines?: string[] }
}

describe('services that are deployed on this host again and again', () => {
  const platform = usePlatform({ PIPI_ENGINES: 'pip' })
  let folder: string
  let url: string
  let load: Load

  const deploy = async (...args: string[]) => {
    const ended = await platform.pipi(...args, '--json')
    return ended.json<Deployment>()
  }
  /** Over the HTTP API, as its command does: twenty starts of a command line would only take time. */
  const redeploy = async (): Promise<Deployment> => {
    const token = (await readFile(join(platform.data, 'owner-token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${platform.url}/v1/deployments${path}`, { headers, ...init })
      return (await response.json()) as Deployment & { id: string }
    }
    const { id } = await ask('', { method: 'POST', body: JSON.stringify({ kind: 'deploy', workspace: 'busy' }) })
    return waitFor(
      'the deployment to end',
      async () => {
        const found = await ask(`/${id}`)
        return ENDED.includes(found.status) ? found : undefined
      },
      { timeoutMs: 120_000, everyMs: 100 },
    )
  }
  const release = async (text: string, server = serverOf(text)) => {
    await writeFile(join(folder, 'server.mjs'), server)
    await execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qam', text], { cwd: folder })
  }

  beforeAll(async () => {
    folder = (await repositoryOf({ 'server.mjs': serverOf('release 0'), 'workspace.yaml': BUSY })).folder
    const first = await deploy('deploy', join(folder, 'workspace.yaml'), '--git', `file://${folder}`)
    expect(first.error).toBeUndefined()
    url = first.outputs.api?.url ?? ''
    load = loadOn(url)
  })
  afterAll(() => load?.stop())

  it(`answer every request while ${RELEASES} releases follow each other, and each connection meets them in their order`, async () => {
    for (let number = 1; number <= RELEASES; number += 1) {
      await release(`release ${number}`)
      const { status, outputs, error } = await redeploy()
      expect(error).toBeUndefined()
      expect([status, outputs.api?.url]).toEqual(['succeeded', url])
    }
    await waitFor('the last release to answer', () => load.last() === `release ${RELEASES}`)
    expect(load.failures()).toEqual([])
    expect(load.seen()).toEqual(Array.from({ length: RELEASES + 1 }, (_, number) => `release ${number}`))
    expect(load.backwards()).toEqual([])
  }, 900_000)

  it('go on when a release never becomes healthy, whose last lines are in the answer', async () => {
    await release('broken', `console.error('no such table'); process.exit(3)`)
    const failed = await deploy('deploy', 'busy')
    expect(failed.status).toBe('failed')
    expect(JSON.stringify(failed.error)).toContain('no such table')
    expect(await (await fetch(url)).text()).toBe(`release ${RELEASES}`)
    expect(load.failures()).toEqual([])
  })

  it('go back to the release before when they are asked to, and still no request fails', async () => {
    const back = await deploy('rollback', 'busy')
    expect(back.error).toBeUndefined()
    await waitFor('the release before to answer', () => load.last() === `release ${RELEASES - 1}`)
    expect(load.failures()).toEqual([])
  })

  it.skipIf(MISSING.length > 0)(
    `are Node and Java, beside a site, all by the address of one git repository${MISSING.length > 0 ? ` (skipped: no ${MISSING.join(', ')})` : ''}`,
    async () => {
      const three = await repositoryOf({
        'workspace.yaml': THREE,
        'pages/index.html': '<h1>a site</h1>',
        'api/server.mjs': serverOf('a service'),
        'java/pom.xml': POM,
        'java/src/main/java/Main.java': JAVA,
      })
      const done = await deploy('deploy', join(three.folder, 'workspace.yaml'), '--git', three.url)
      expect(done.error).toBeUndefined()
      const texts = await Promise.all(
        ['pages', 'api', 'java'].map(async (name) => (await fetch(done.outputs[name]?.url ?? '')).text()),
      )
      expect(texts).toEqual(['<h1>a site</h1>', 'a service', 'a jar by Maven'])
    },
  )
})

function serverOf(text: string): string {
  return `import { createServer } from 'node:http'
createServer((asked, answer) => {
  if (asked.url === '/health') return answer.end()
  asked.resume().on('end', () => setTimeout(() => answer.end(${JSON.stringify(text)}), asked.url === '/slow' ? 300 : 0))
}).listen(process.env.PORT)
`
}

const BUSY = `apiVersion: pipi/v1
name: busy
components:
  - { name: api, kind: service, main: server.mjs, health: /health, memoryMb: 96, build: { tool: none } }
placement: { engine: pip }
`

const THREE = `apiVersion: pipi/v1
name: three
components:
  - { name: pages, kind: site, path: pages, build: { tool: none } }
  - { name: api, kind: service, path: api, main: server.mjs, health: /health, build: { tool: none } }
  - { name: java, kind: service, path: java, runtime: jvm, memoryMb: 160 }
placement: { engine: pip }
`

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId><artifactId>java</artifactId><version>1</version><packaging>jar</packaging>
  <properties>
    <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId><artifactId>maven-jar-plugin</artifactId><version>3.4.2</version>
    <configuration><archive><manifest><mainClass>Main</mainClass></manifest></archive></configuration>
  </plugin></plugins></build>
</project>
`

const JAVA = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class Main {
  public static void main(String[] arguments) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", asked -> {
      var bytes = "a jar by Maven".getBytes();
      asked.sendResponseHeaders(200, bytes.length);
      asked.getResponseBody().write(bytes);
      asked.close();
    });
    server.start();
  }
}
`

async function repositoryOf(files: Record<string, string>): Promise<{ url: string; folder: string }> {
  const source = await tempFolder('files')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(source, name)), { recursive: true })
    await writeFile(join(source, name), text)
  }
  const folder = await tempFolder('repository')
  return { ...(await makeRepository(source, folder)), folder }
}
