import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../../catalog/errors.ts'

export interface GitHubOptions {
  /** Base address of the REST API. */
  api: string
  token: string
  signal: AbortSignal
  log(line: string): void
  /** First pause before a failed call is made again, milliseconds; doubled each time. */
  pauseMs?: number
}

const GITHUB = 'https://api.github.com'
const TRIES = 5
/** Longer is not waited for a limit of GitHub's to pass. */
const LONGEST_MS = 15 * 60_000

/** Calls of GitHub's REST API, made again where that can help: its limits, its faults, a broken connection. */
export class GitHubRest {
  readonly #options: GitHubOptions

  constructor(options: Omit<GitHubOptions, 'api'> & { api?: string | undefined }) {
    this.#options = { ...options, api: (options.api ?? GITHUB).replace(/\/$/, '') }
  }

  /** The answer, whatever its status; `401` and limits that do not pass throw. A redirect is given back, not followed. */
  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
    const { api, token, signal, log, pauseMs = 1000 } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${api}${path}`, {
        method,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'user-agent': 'pipi-engines',
          'x-github-api-version': '2022-11-28',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        signal.throwIfAborted()
        return error instanceof Error ? error : new Error(String(error))
      })
      const pause = answer instanceof Error ? pauseMs * 2 ** attempt : pauseOf(answer, pauseMs * 2 ** attempt)
      if (pause === undefined) return known(answer as Response)
      // A call that changes something may have been heard although its answer was lost: it is not made twice.
      const again = attempt < TRIES && pause <= LONGEST_MS && (method === 'GET' || !(answer instanceof Error))
      if (!again) throw unreachable(answer, pause)
      if (!(answer instanceof Error)) await answer.body?.cancel()
      log(
        `GitHub ${answer instanceof Error ? 'cannot be reached' : `answers ${answer.status}`}: asked again in ${Math.ceil(pause / 1000)} s`,
      )
      await delay(pause, undefined, { signal })
    }
  }

  /** The answer's JSON. Throws `build.failed` unless its status is 2xx. */
  async json(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const answer = await this.call(method, path)
    if (answer.ok) return answer.json()
    throw refused(answer.status, path, await messageOf(answer))
  }
}

export async function messageOf(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '')
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return String(message ?? '').slice(0, 300)
  } catch {
    return ''
  }
}

export function refused(status: number, path: string, message: string): PipiError {
  const hint =
    status === 404
      ? 'Does the repository exist, and may the token read it? GitHub answers 404 for what it does not show.'
      : 'Check the rights of PIPI_GITHUB_TOKEN: Actions, read and write.'
  return new PipiError('build.failed', `GitHub answers ${status} to ${path}${message === '' ? '' : `: ${message}`}`, {
    hint,
  })
}

/** How long to wait before asking again, milliseconds; undefined: this is the answer. */
function pauseOf(answer: Response, usual: number): number | undefined {
  const { status, headers } = answer
  if (status >= 500) return usual
  const after = headers.get('retry-after')
  const spent = headers.get('x-ratelimit-remaining') === '0'
  if (status !== 429 && !(status === 403 && (after !== null || spent))) return undefined
  if (after !== null) return Math.max(0, Number(after) * 1000) || 0
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000 - Date.now()
  return Number.isFinite(reset) ? Math.max(0, reset) : 60_000
}

function known(answer: Response): Response {
  if (answer.status !== 401) return answer
  throw new PipiError('build.failed', 'GitHub does not know the token', {
    hint: 'PIPI_GITHUB_TOKEN may have ended or been withdrawn: make a new one with the right to write to Actions.',
  })
}

function unreachable(answer: Response | Error, pause: number): PipiError {
  if (answer instanceof Error) {
    return new PipiError('build.failed', `GitHub cannot be reached: ${answer.message}`, {
      hint: 'Check the network of this host and PIPI_GITHUB_API.',
      cause: answer,
    })
  }
  const limit = answer.status < 500
  return new PipiError(
    'build.failed',
    `GitHub answers ${answer.status}${limit ? ', a limit of its own' : ' again and again'}`,
    {
      hint: limit
        ? `It lets nothing through for ${Math.ceil(pause / 1000)} seconds: deploy again then.`
        : 'See githubstatus.com, and deploy again later.',
    },
  )
}
