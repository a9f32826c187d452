import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'
import { INSTANCE_HEADER, RUN_JOB, TENANCY_HEADER } from './machine-calls.ts'

interface Agent {
  port: number
  look(): Promise<void>
  runJob(name: string): Promise<boolean | undefined>
}

/** How long ago a machine has to have looked at its metadata, milliseconds, before a request makes it look again. */
const LOOK_MS = 200

/**
 * A machine that has booted: it does what its user data does, and runs the very agent that lies in the bucket. It looks at
 * its metadata when somebody asks something of it; until a new release is healthy the old one answers.
 */
export default async function machine(
  disk: string,
  options: Json,
): Promise<(asked: HandlerRequest) => Promise<HandlerResponse>> {
  const userData = await readFile(join(disk, 'user-data'), 'utf8')
  if (!userData.startsWith('#!') || !userData.includes('pipi_agent'))
    throw new Error('cloud-init: the user data start nothing here')
  const reach = internetOf(options)
  const metadata = 'http://169.254.169.254/opc/v2/instance/metadata/'
  const folder = join(process.env.HOME ?? '', 'pipi')
  const { startAgent, readMetadata } = await fetchedAgent(reach, metadata, folder)
  const agent: Agent = await startAgent({
    folder,
    listen: { port: 0, host: '127.0.0.1' },
    metadata: () => readMetadata(reach, metadata),
    fetch: reach,
  })
  await agent.look()
  let looked = performance.now()
  return async (asked) => {
    const rested = performance.now() - looked > LOOK_MS
    if (asked.method === RUN_JOB) {
      await agent.look()
      const well = await agent.runJob(asked.path.slice(1))
      return { status: well === true ? 200 : 500, headers: {}, body: new Uint8Array() }
    }
    if (rested) {
      looked = performance.now()
      void agent.look()
    }
    return passOn(agent.port, asked)
  }
}

/** Addresses of the platform lead to the sandbox; the machine is known by what it stands on. */
function internetOf({ api, instance, tenancy }: Json): typeof fetch {
  return (input, init) => {
    const { host, hostname, pathname, search } = new URL(String(input))
    if (hostname === '127.0.0.1') return fetch(input, init)
    const headers = { ...init?.headers, [INSTANCE_HEADER]: String(instance), [TENANCY_HEADER]: String(tenancy) }
    return fetch(`${String(api)}/api/ora/_/${host}${pathname}${search}`, { ...init, headers })
  }
}

/** As pipi-boot does on a real machine. */
async function fetchedAgent(reach: typeof fetch, address: string, folder: string) {
  const answer = await reach(address, { headers: { authorization: 'Bearer Oracle' } })
  const { pipi_agent: digest, pipi_source: source } = (await answer.json()) as Record<string, string>
  const bundle = Buffer.from(await (await reach(`${source}agent-${digest}.json`)).arrayBuffer())
  if (createHash('sha256').update(bundle).digest('hex') !== digest) throw new Error('the agent is not what was named')
  const home = join(folder, 'agents', String(digest))
  await mkdir(home, { recursive: true })
  for (const [name, text] of Object.entries(JSON.parse(bundle.toString('utf8')) as Record<string, string>))
    await writeFile(join(home, name), text)
  const { startAgent } = await import(pathToFileURL(join(home, 'agent.mjs')).href)
  const { readMetadata } = await import(pathToFileURL(join(home, 'metadata.mjs')).href)
  return { startAgent, readMetadata }
}

function passOn(port: number, { method, path, query, headers, body }: HandlerRequest): Promise<HandlerResponse> {
  return new Promise((resolve, reject) => {
    const target = query === '' ? path : `${path}?${query}`
    const asked = request({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (answer) => {
      buffer(answer).then((bytes) => {
        const given = Object.entries(answer.headersDistinct).map(([name, values = []]) => [
          name,
          values.length === 1 ? values[0] : values,
        ])
        resolve({ status: answer.statusCode ?? 502, headers: Object.fromEntries(given), body: bytes })
      }, reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
