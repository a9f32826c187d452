import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PipiError } from '../../../catalog/errors.ts'
import { readManifest } from '../../commander/read-manifest.ts'
import { DETACHED } from '../exit-codes.ts'
import { prepareTools } from '../prepare-tools.ts'
import { showBill } from '../sandbox/show.ts'
import type { Terminal } from '../terminal.ts'
import type { GlobalOptions } from '../verb.ts'
import { billSchema, engineSchema, listOf, quotaLineSchema } from '../wire.ts'
import { bite } from './bite.ts'
import { chooseLimit } from './choose-limit.ts'
import { choosePlaces, type Example } from './choose-places.ts'
import { deployAll, type Request } from './deploy-all.ts'
import { makeRepository } from './make-repository.ts'
import { requestUrls } from './request-urls.ts'
import { showPlaces, showTaken } from './show-places.ts'
import { startPlatform } from './start-platform.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))
/** Richest first. */
const FOLDERS = ['research-workspace', 'research-site']

export interface QuickstartOptions extends GlobalOptions {
  once?: boolean
}

/** The whole product once around, on this machine, with simulated clouds. */
export async function quickstart(options: QuickstartOptions, terminal: Terminal): Promise<number> {
  const data = options.data === undefined ? await mkdtemp(join(tmpdir(), 'pipi-quickstart-')) : resolve(options.data)
  await mkdir(data, { recursive: true })
  await chmod(data, 0o711)
  const leaving = new AbortController()
  const leave = () => leaving.abort(new Error('interrupted'))
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  try {
    await prepareTools(terminal, leaving.signal)
    terminal.note(`Starting a platform with simulated clouds on ${data}`)
    const platform = await startPlatform(data, leaving.signal)
    try {
      const problems = await aroundOnce(platform.client, data, terminal, leaving.signal)
      if (problems.length > 0)
        throw new PipiError('platform.internal', `${problems.length} things went wrong`, { data: { lines: problems } })
      showNext(terminal, options.once === true ? undefined : data)
      if (options.once !== true) await stay(terminal, data, platform.ended, leaving.signal)
    } finally {
      terminal.note('Stopping the platform')
      await platform.stop()
    }
    return 0
  } catch (error) {
    if (leaving.signal.aborted && error === leaving.signal.reason) return DETACHED
    throw error
  } finally {
    process.removeListener('SIGINT', leave)
    process.removeListener('SIGTERM', leave)
    if (options.data === undefined) await rm(data, { recursive: true, force: true })
  }
}

type Client = Awaited<ReturnType<typeof startPlatform>>['client']

/** @returns what is not as it should be */
async function aroundOnce(client: Client, data: string, terminal: Terminal, signal: AbortSignal): Promise<string[]> {
  const examples = await Promise.all(FOLDERS.map(readExample))
  const repositories = new Map<string, { url: string; ref: string }>()
  for (const { folder } of examples) {
    repositories.set(folder, await makeRepository(join(EXAMPLES, folder), join(data, 'repositories', folder)))
  }
  const request = (example: Example & { text: string }, engine: string, workspace: string): Request => ({
    workspace,
    engine,
    manifest: example.text.replace(/^name: .*$/m, `name: ${workspace}`),
    git: repositories.get(example.folder) as { url: string; ref: string },
  })

  const engines = listOf(await client.get('/v1/engines'), 'engines').map((it) => engineSchema.parse(it))
  const places = choosePlaces(engines, examples)
  terminal.note(`Deploying to ${places.map((place) => place.engine).join(', ')}, from git, at a ref`)
  const requests = places.map((place) =>
    request(place.example as (typeof examples)[number], place.engine, place.workspace),
  )
  const deployments = await deployAll(client, requests, terminal, signal)
  const results = await Promise.all(
    deployments.map(async (deployment, at) => ({
      deployment,
      engineName: places[at]?.engineName ?? '',
      answers: deployment.status === 'succeeded' ? await requestUrls(deployment) : [],
    })),
  )
  const readQuota = async () => listOf(await client.get('/v1/quota'), 'quota').map((it) => quotaLineSchema.parse(it))
  const quota = await readQuota()
  showPlaces(terminal, results)
  showTaken(terminal, results, quota)

  const limit = chooseLimit(
    quota,
    places.map((place) => place.workspace),
  )
  const last = examples.at(-1) as (typeof examples)[number]
  const engine = limit?.engine ?? ''
  const bitten =
    limit && (await bite(client, limit, (n) => request(last, engine, `${last.name}-${engine}-${n}`), terminal, signal))

  const bill = billSchema.parse(await client.get('/v1/sandbox/bill'))
  terminal.line()
  showBill(terminal, bill)
  terminal.document({ places: results, quota: await readQuota(), refused: bitten?.refused, bill })
  return [
    ...deployments
      .filter((it) => it.status !== 'succeeded')
      .map((it) => `${it.workspace} on ${it.engine}: ${it.status} ${it.error?.message ?? it.refusal?.message ?? ''}`),
    ...results
      .filter((it) => it.deployment.status === 'succeeded' && it.answers.length === 0)
      .map((it) => `${it.deployment.workspace} has no address`),
    ...results.flatMap((it) =>
      it.answers.filter((answer) => !answer.ok).map((answer) => `${answer.url} answered ${answer.answer}`),
    ),
    ...(places.length === 0 ? ['no engine can carry an example'] : []),
    ...(bitten === undefined ? ['no limit is small enough to show the lock'] : []),
    ...(bitten?.placed ?? [])
      .filter((it) => it.status !== 'succeeded')
      .map((it) => `${it.workspace}: ${it.status} ${it.error?.message ?? ''}`),
    ...(bitten !== undefined && bitten.refused.status !== 'refused'
      ? [`one more than the limit was ${bitten.refused.status}`]
      : []),
    ...(bill.total === 0 ? [] : [`the witness bills ${bill.total} USD`]),
  ]
}

async function readExample(folder: string): Promise<Example & { text: string }> {
  const text = await readFile(join(EXAMPLES, folder, 'workspace.yaml'), 'utf8')
  const { manifest } = readManifest(text, `examples/${folder}/workspace.yaml`)
  return { folder, name: manifest.name, kinds: [...new Set(manifest.components.map((it) => it.kind))], text }
}

/** With a platform that stays: look at it. Without: start one. */
function showNext(terminal: Terminal, data: string | undefined): void {
  terminal.line()
  terminal.line(terminal.style('bold', 'Try next'))
  const commands =
    data === undefined
      ? ['serve --sandbox', 'deploy examples/research-workspace', 'quota']
      : [`list --data ${data}`, `quota --data ${data}`, `sandbox inventory --data ${data}`]
  for (const command of commands) terminal.line(`  ./pipi ${command}`)
}

/** Until Ctrl-C, or the platform ends by itself. */
async function stay(terminal: Terminal, data: string, ended: Promise<void>, signal: AbortSignal): Promise<void> {
  terminal.note(`\nEverything above keeps running (data in ${data}). Ctrl-C stops it.`)
  await Promise.race([
    ended,
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ])
}
