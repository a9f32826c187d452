import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { statusSchema } from '../../../factory/contract/status.ts'
import { type Client, clientOf } from '../../cli/client.ts'
import { packFolder } from '../../cli/source/pack.ts'
import { childEnvironment } from '../../config.ts'
import { keepRunning } from '../../processes/keep-running.ts'
import { PACK, type Stand } from './stand.ts'
import { until } from './until.ts'

export interface Ours {
  /** One deployment of five resources; milliseconds from the request until the final state is known here. */
  deploy(): Promise<number>
  /** Destroys them; the stack stays, empty. */
  empty(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const deploymentSchema = z.object({
  id: z.string(),
  status: statusSchema,
  error: z.unknown().optional(),
  refusal: z.unknown().optional(),
})

/** A platform of its own with the made-up engine, started as a user starts it. */
export async function openOurs(stand: Stand): Promise<Ours> {
  const data = join(stand.ourFolder, 'data')
  await mkdir(data, { recursive: true })
  const platform = await keepRunning({
    name: 'the platform',
    command: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      MAIN,
      'serve',
      '--sandbox',
      '--data',
      data,
      '--port',
      '0',
      '--json',
    ],
    environment: {
      ...childEnvironment(),
      DATABASE_URL: stand.databaseUrl,
      PIPI_ENGINES_DIR: join(PACK, 'engines'),
      PIPI_CATALOG_DIR: await freshCatalog(stand.ourFolder),
      PIPI_LOG_LEVEL: 'warn',
    },
    cwd: stand.ourFolder,
    ready: z.object({ url: z.string() }),
    readyWithinMs: 60_000,
    log: () => undefined,
  })
  stand.onClose(() => platform.stop(20_000))
  const client = clientOf(platform.current().url, (await readFile(join(data, 'owner-token'), 'utf8')).trim())
  const digest = await upload(client, stand.ourFolder)
  const manifest = stringify({ apiVersion: 'pipi/v1', name: 'bench', components: [{ name: 'site', kind: 'site' }] })
  return {
    async deploy() {
      const begun = performance.now()
      await finish(client, { kind: 'deploy', manifest, engine: 'bnc', source: { kind: 'upload', digest } })
      return performance.now() - begun
    },
    async empty() {
      await finish(client, { kind: 'destroy', workspace: 'bench' })
    },
  }
}

/** Facts past their date are refused, and these are made up: they were checked today. */
async function freshCatalog(folder: string): Promise<string> {
  const catalog = join(folder, 'catalog')
  await mkdir(catalog, { recursive: true })
  const text = await readFile(join(PACK, 'catalog', 'bnc.yaml'), 'utf8')
  const today = new Date().toISOString().slice(0, 10)
  await writeFile(join(catalog, 'bnc.yaml'), text.replace(/^checked: .*$/m, `checked: '${today}'`))
  return catalog
}

async function finish(client: Client, request: Record<string, unknown>): Promise<void> {
  const accepted = deploymentSchema.parse(await client.post('/v1/deployments', request))
  const done = await until(client, accepted.id)
  if (done !== 'succeeded') {
    const ended = deploymentSchema.parse(await client.get(`/v1/deployments/${accepted.id}`))
    throw new Error(
      `our ${String(request.kind)} ended ${ended.status}: ${JSON.stringify(ended.error ?? ended.refusal)}`,
    )
  }
}

async function upload(client: Client, folder: string): Promise<string> {
  const source = join(folder, 'source')
  await mkdir(source, { recursive: true })
  await writeFile(join(source, 'index.html'), '<h1>five things</h1>')
  const { bytes } = await packFolder(source)
  const digest = createHash('sha256').update(bytes).digest('hex')
  await client.put(`/v1/uploads/${digest}`, bytes, 'application/gzip')
  return digest
}
