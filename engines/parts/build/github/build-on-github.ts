import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { PipiError } from '../../../../catalog/errors.ts'
import { unpackZip } from '../../zip/unpack-zip.ts'
import { downloadArtifact } from './download-artifact.ts'
import { GitHubRest, messageOf, refused } from './rest.ts'

export interface GitHubBuildOrder {
  /** `https://github.com/owner/name`, with or without `.git`. */
  url: string
  /** A branch or tag: GitHub starts workflows on those only. */
  ref: string
  /** The exact commit, which the workflow checks out. */
  commit: string
  component: string
  workflow: string
  /** Name of the artifact that the workflow uploads. */
  artifact: string
  api: string | undefined
  token: string
  /** Emptied first; holds what was built afterwards. */
  folder: string
  signal: AbortSignal
  log(line: string): void
  timeMs: number
  /** Bytes of the artifact, packed and unpacked. */
  bytes: number
  entries: number
  /** Between two looks at the most, milliseconds; the first ones follow faster. */
  pollMs?: number
}

const runSchema = z.object({
  id: z.int(),
  html_url: z.string(),
  display_title: z.string().default(''),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
})
type Run = z.infer<typeof runSchema>
const runsSchema = z.object({ workflow_runs: z.array(runSchema) })

/** How often is looked for a run of one's own that does not carry our id in its name, before the only new one is taken. */
const LOOKS = 5

/** Lets a GitHub Actions workflow build, waits for it, and unpacks what it hands back. Throws `build.failed` or `build.timeout`. */
export async function buildOnGitHub(order: GitHubBuildOrder): Promise<void> {
  const late = AbortSignal.timeout(order.timeMs)
  const signal = AbortSignal.any([order.signal, late])
  const { api, token, log, pollMs = 5000 } = order
  const rest = new GitHubRest({ api, token, log, signal, pauseMs: Math.min(1000, pollMs) })
  const base = `/repos/${repositoryOf(order.url, order.api)}/actions`
  let run: Run | undefined
  try {
    let pause = Math.min(1000, pollMs)
    const wait = async () => {
      await delay(pause, undefined, { signal })
      pause = Math.min(pause * 1.5, pollMs)
    }
    run = await start(rest, base, order, wait)
    log(`GitHub builds it: ${run.html_url}`)
    while (run.status !== 'completed') {
      await wait()
      run = runSchema.parse(await rest.json('GET', `${base}/runs/${run.id}`))
    }
    if (run.conclusion !== 'success') throw failed(run)
    await rm(order.folder, { recursive: true, force: true })
    await mkdir(order.folder, { recursive: true })
    const file = join(order.folder, 'artifact.zip')
    await downloadArtifact({ ...order, rest, base, run: run.id, file, signal })
    const { bytes, entries } = order
    await unpackZip({ file, folder: join(order.folder, 'files'), signal, bytes, entries })
    await rm(file)
  } catch (error) {
    if (signal.aborted && run !== undefined && run.status !== 'completed') await cancel(order, base, run)
    order.signal.throwIfAborted()
    if (!late.aborted) throw error
    const where = run === undefined ? 'it has not begun' : `it is ${run.status}: ${run.html_url}`
    throw new PipiError(
      'build.timeout',
      `GitHub has not built it within ${Math.round(order.timeMs / 1000)} seconds; ${where}`,
      {
        hint: 'Is a runner free, and does the workflow end by itself? PIPI_BUILD_TIME_MS sets how long is waited.',
      },
    )
  }
}

/** `owner/name` of a repository's address, which has to lie where the API does. */
export function repositoryOf(url: string, api = 'https://api.github.com'): string {
  const host = new URL(api).hostname.replace(/^api\.github\.com$/, 'github.com')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const [, owner = '', name = '', ...more] = parsed?.pathname.replace(/\.git$/, '').split('/') ?? []
  const plain = [owner, name].every((part) => /^[A-Za-z0-9_.-]{1,100}$/.test(part) && !/^\.+$/.test(part))
  if (parsed?.hostname === host && more.length === 0 && plain) return `${owner}/${name}`
  throw new PipiError('build.failed', `A build by GitHub Actions needs a source as https://${host}/owner/name`, {
    hint: 'Leave build.github out: then the engine builds it. PIPI_GITHUB_API names another GitHub.',
  })
}

async function start(rest: GitHubRest, base: string, order: GitHubBuildOrder, wait: () => Promise<void>): Promise<Run> {
  if (/^[0-9a-f]{40}$/.test(order.ref)) {
    throw new PipiError('build.failed', 'GitHub starts a workflow on a branch or tag, and the source names a commit', {
      hint: 'Name the branch as "ref" of the source.',
    })
  }
  const id = randomUUID()
  const path = `${base}/workflows/${order.workflow}`
  const list = `${path}/runs?event=workflow_dispatch&per_page=50`
  const before = new Set((await runsOf(rest, list, order)).map((run) => run.id))
  const inputs = { commit: order.commit, component: order.component, pipi: id }
  const answer = await rest.call('POST', `${path}/dispatches`, { ref: order.ref, inputs })
  if (!answer.ok) throw await notStarted(answer, path, order)
  for (let look = 1; ; look += 1) {
    await wait()
    const fresh = (await runsOf(rest, list, order)).filter((run) => !before.has(run.id))
    const ours = fresh.find((run) => run.display_title.includes(id)) ?? (look >= LOOKS ? only(fresh, order) : undefined)
    if (ours !== undefined) return ours
  }
}

/** Without our id in its name a run can only be told from others when there are none. */
function only(fresh: Run[], order: GitHubBuildOrder): Run | undefined {
  if (fresh.length <= 1) return fresh[0]
  throw new PipiError(
    'build.failed',
    `${fresh.length} runs of ${order.workflow} have begun, and none says that it is ours`,
    {
      hint: 'Let the workflow show its input "pipi" in its run-name.',
    },
  )
}

async function runsOf(rest: GitHubRest, list: string, order: GitHubBuildOrder): Promise<Run[]> {
  const answer = await rest.call('GET', list)
  if (answer.status === 404) throw missing(order, await messageOf(answer))
  if (!answer.ok) throw refused(answer.status, list, await messageOf(answer))
  return runsSchema.parse(await answer.json()).workflow_runs
}

async function notStarted(answer: Response, path: string, order: GitHubBuildOrder): Promise<PipiError> {
  const message = await messageOf(answer)
  if (answer.status === 404) return missing(order, message)
  if (answer.status !== 422) return refused(answer.status, path, message)
  return new PipiError('build.failed', `GitHub does not start ${order.workflow}: ${message}`, {
    hint: `It needs "on: workflow_dispatch" with the inputs commit, component and pipi, on ${order.ref}.`,
  })
}

function missing({ workflow, url }: GitHubBuildOrder, message: string): PipiError {
  return new PipiError(
    'build.failed',
    `There is no workflow ${workflow} in ${url}, or the token may not see it: ${message}`,
    {
      hint: `It has to be .github/workflows/${workflow} on the default branch; the token needs the right to write to Actions.`,
    },
  )
}

function failed({ conclusion, html_url }: Run): PipiError {
  return new PipiError('build.failed', `The workflow ended with ${conclusion}: ${html_url}`, {
    hint: 'Its log is at that address.',
    data: { lines: [html_url] },
  })
}

/** Nobody waits for it any more; should GitHub not hear, it ends by its own limit. */
async function cancel({ api, token, log }: GitHubBuildOrder, base: string, run: Run): Promise<void> {
  const rest = new GitHubRest({ api, token, log, signal: AbortSignal.timeout(10_000), pauseMs: 500 })
  await rest.call('POST', `${base}/runs/${run.id}/cancel`).then(
    () => log(`the run was told to stop: ${run.html_url}`),
    () => log(`the run could not be told to stop: ${run.html_url}`),
  )
}
