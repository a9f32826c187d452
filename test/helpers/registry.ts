import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianPackages } from './debian.ts'
import { freePort } from './free-port.ts'
import { tempFolder } from './temp.ts'
import { waitFor } from './wait-for.ts'

export interface TestRegistry {
  /** `127.0.0.1:<port>`: images are named `<host>/<path>`. */
  host: string
  /** `http://<host>`. */
  base: string
  /** A Docker `config.json` that names it, without a login: without that no base image is fetched from this machine. */
  dockerConfig: string
  /** What it was asked, one line a request, as it logs them itself. */
  asked(): Promise<string[]>
  close(): Promise<void>
}

export interface RegistryAuth {
  htpasswd?: { realm: string; path: string }
  token?: { realm: string; service: string; issuer: string; rootcertbundle: string }
}

/** A real registry, Debian's `docker-registry`, empty; or why there is none. */
export async function startRegistry(
  options: { auth?: RegistryAuth; deletes?: boolean } = {},
): Promise<TestRegistry | { missing: string }> {
  const unpacked = await debianPackages('docker-registry', ['docker-registry'], 'usr/bin/docker-registry')
  if ('missing' in unpacked) return unpacked
  const folder = await tempFolder('registry')
  const host = `127.0.0.1:${await freePort()}`
  await mkdir(join(folder, 'kept'))
  const configuration = {
    version: 0.1,
    log: { accesslog: { disabled: false }, level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'kept') }, delete: { enabled: options.deletes ?? true } },
    http: { addr: host, secret: 'of this test' },
    ...(options.auth === undefined ? {} : { auth: options.auth }),
  }
  // JSON is YAML.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(configuration))
  const dockerConfig = join(folder, 'config.json')
  await writeFile(dockerConfig, JSON.stringify({ auths: { [host]: {} } }))
  const program = join(unpacked.folder, 'usr/bin/docker-registry')
  const server = spawn(program, ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (told += text))
  const ended = once(server, 'exit')
  const close = async () => {
    server.kill('SIGKILL')
    await ended
  }
  try {
    await waitFor('the registry to answer', () => fetch(`http://${host}/v2/`).then(({ status }) => status < 500))
  } catch (error) {
    await close()
    throw new Error(`docker-registry did not start: ${told.slice(-1000)}`, { cause: error })
  }
  let marks = 0
  const asked = async (): Promise<string[]> => {
    // It logs a request before it has answered; what was logged before this one has been read when this one has.
    marks += 1
    const mark = `mark=${marks}.`
    await fetch(`http://${host}/v2/?${mark}`)
    await waitFor('the log of the registry', () => told.includes(mark))
    const lines = told
      .split('\n')
      .map((line) => /"((?:GET|HEAD|POST|PATCH|PUT|DELETE) [^"]*) HTTP/.exec(line)?.[1] ?? '')
    return lines.filter((line) => line !== '' && !line.includes('/v2/?mark='))
  }
  return { host, base: `http://${host}`, dockerConfig, asked, close }
}
