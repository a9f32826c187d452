import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { agentBundle } from '../../../../engines/ora/machine/spec.ts'
import { findOnPath } from '../../../../stacks/toolchain/find-on-path.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { sha256 } from './stage.ts'

const SCRIPT = join(import.meta.dirname, '../../../../engines/ora/machine/user-data.sh')
const run = promisify(execFile)
let boot: string
let script: string

beforeAll(async () => {
  script = await readFile(SCRIPT, 'utf8')
  const [, text = ''] = /<<'BOOT'\n([\s\S]*?)\nBOOT\n/.exec(script) ?? []
  boot = join(await tempFolder('boot'), 'pipi-boot')
  await writeFile(boot, text, { mode: 0o755 })
})

/** What a machine hears of its platform, and what it says when it has booted. */
async function machine(agents: Record<string, string>) {
  const folder = await tempFolder('state')
  const told = { digest: '', served: agents }
  const server = createServer((request, response) => {
    const { url = '' } = request
    const at = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const answers: Record<string, string | undefined> = {
      '/metadata/pipi_agent': told.digest,
      '/metadata/pipi_source': `${at}/o/`,
      [`/o/agent-${told.digest}.json`]: told.served[told.digest],
    }
    const body =
      url.startsWith('/metadata/') && request.headers.authorization !== 'Bearer Oracle' ? undefined : answers[url]
    response.writeHead(body === undefined ? 404 : 200).end(body)
  }).listen(0, '127.0.0.1')
  await waitFor('a port', () => server.listening)
  onTestFinished(() => void server.close())
  const metadata = `http://127.0.0.1:${(server.address() as { port: number }).port}/metadata`
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
  return {
    told,
    async boots(): Promise<string> {
      const env = { PATH, STATE_DIRECTORY: folder, PIPI_METADATA: metadata }
      return (await run('bash', [boot], { env })).stdout.trim()
    },
  }
}

function agent(text: string): { digest: string; body: string } {
  const body = JSON.stringify({
    'main.mjs': `import { text } from './text.mjs'\nconsole.log(text, process.env.PIPI_AGENT.slice(0, 4))`,
    'text.mjs': `export const text = '${text}'`,
  })
  return { digest: sha256(Buffer.from(body)), body }
}

const tools = await Promise.all(['bash', 'curl', 'sha256sum'].map((tool) => findOnPath(tool, process.env.PATH)))
describe.skipIf(tools.includes(undefined))("a machine's first start, where bash, curl and sha256sum are", () => {
  it('becomes the agent that its metadata name, and goes on with the last one when there is no other', async () => {
    const [one, two] = [agent('one'), agent('two')]
    const { told, boots } = await machine({ [one.digest]: one.body, [two.digest]: two.body })
    told.digest = one.digest
    expect(await boots()).toBe(`one ${one.digest.slice(0, 4)}`)
    told.digest = two.digest
    expect(await boots()).toBe(`two ${two.digest.slice(0, 4)}`)
    told.digest = ''
    expect(await boots()).toBe(`two ${two.digest.slice(0, 4)}`)
    // Another one under a name that is not its sum is never run.
    const three = 'c'.repeat(64)
    told.served = { [three]: one.body }
    told.digest = three
    expect(await boots()).toBe(`two ${two.digest.slice(0, 4)}`)
  })

  it('has nothing to become without an agent, and says so', async () => {
    const { boots } = await machine({})
    await expect(boots()).rejects.toThrow(/the agent could not be fetched/)
  })

  it('is a script that bash can read, opens port 80 only, and holds no secret', async () => {
    await run('bash', ['-n', SCRIPT])
    expect(script.length).toBeLessThan(8_000)
    expect(script.match(/--add-\S+/g)).toEqual(['--add-service=http'])
    expect(Object.keys(JSON.parse(agentBundle().text))).toContain('main.mjs')
  })
})
