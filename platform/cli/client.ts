import { ERRORS, type ErrorCode, PipiError, type Problem } from '../../catalog/errors.ts'
import { findPlatform } from './find-platform.ts'
import type { GlobalOptions } from './verb.ts'

/** The HTTP API as a caller sees it. Every failure is a `PipiError`: the platform's own, or `platform.unreachable`. */
export interface Client {
  readonly url: string
  get(path: string, query?: Record<string, string | undefined>): Promise<unknown>
  /** `key`: the same request sent twice is done once. `withinMs`: for the few answers that wait for work. */
  post(path: string, body: unknown, key?: string, withinMs?: number): Promise<unknown>
  delete(path: string): Promise<unknown>
  put(path: string, bytes: Uint8Array, contentType: string): Promise<unknown>
  /** An open stream of server-sent events. */
  stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

/** Milliseconds a single answer may take. Hardly anything waits for work: following is done by events. */
const ANSWER_MS = 30_000

export async function openClient(options: GlobalOptions): Promise<Client> {
  const platform = await findPlatform(options)
  return clientOf(platform.url, platform.token, platform.howToStart)
}

export function clientOf(url: string, token: string | undefined, howToStart?: string): Client {
  const base = url.replace(/\/+$/, '')

  const send = async (method: string, path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('accept', headers.get('accept') ?? 'application/json')
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    let response: Response
    try {
      response = await fetch(`${base}${path}`, { method, redirect: 'error', ...init, headers })
    } catch (error) {
      throw unreachable(base, error, howToStart)
    }
    if (!response.ok) throw await problemOf(response, `${method} ${path}`)
    return response
  }
  const json = async (method: string, path: string, init: RequestInit): Promise<unknown> => {
    const response = await send(method, path, { signal: AbortSignal.timeout(ANSWER_MS), ...init })
    const text = await response.text()
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new PipiError('platform.unreachable', `${base} answered something that is not JSON`, {
        hint: 'Is --url the address of a Pipi platform?',
        cause: error,
      })
    }
  }

  return {
    url: base,
    get: (path, query = {}) => json('GET', path + queryOf(query), {}),
    post: (path, body, key, withinMs = ANSWER_MS) =>
      json('POST', path, {
        signal: AbortSignal.timeout(withinMs),
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
      }),
    delete: (path) => json('DELETE', path, {}),
    put: (path, bytes, contentType) =>
      json('PUT', path, {
        body: bytes as Uint8Array<ArrayBuffer>,
        headers: { 'content-type': contentType },
        signal: AbortSignal.timeout(10 * ANSWER_MS),
      }),
    stream: async (path, headers, signal) => {
      const response = await send('GET', path, { headers: { accept: 'text/event-stream', ...headers }, signal })
      if (response.body === null) throw unreachable(base, new Error('an empty event stream'), howToStart)
      return response.body
    },
  }
}

function queryOf(query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

function unreachable(url: string, error: unknown, howToStart?: string): PipiError {
  const cause =
    error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error)
  return new PipiError(
    'platform.unreachable',
    `No platform answers at ${url}: ${cause || 'the connection was refused'}`,
    {
      hint: howToStart ?? 'Check --url (or PIPI_URL), or start one here: ./pipi serve --sandbox',
      cause: error,
    },
  )
}

/** problem+json (RFC 9457) back into the error it was made of. */
async function problemOf(response: Response, what: string): Promise<PipiError> {
  const text = await response.text().catch(() => '')
  const body = parseObject(text)
  const given = body.code
  const code = isErrorCode(given) ? given : codeOf(response.status)
  const message =
    typeof body.detail === 'string'
      ? body.detail
      : typeof body.message === 'string'
        ? body.message
        : `${what} was answered ${response.status}`
  return new PipiError(code, message, {
    ...(typeof body.hint === 'string' ? { hint: body.hint } : hintFor(code)),
    ...(Array.isArray(body.problems) ? { problems: body.problems as Problem[] } : {}),
    ...(typeof body.data === 'object' && body.data !== null ? { data: body.data as Record<string, unknown> } : {}),
  })
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // A proxy's HTML page, say: the status alone has to speak.
    return {}
  }
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'not-authenticated'
  if (status === 403) return 'not-allowed'
  if (status === 404) return 'not-found'
  if (status === 502 || status === 503 || status === 504) return 'platform.unreachable'
  return status < 500 ? 'input.invalid' : 'platform.internal'
}

function hintFor(code: ErrorCode): { hint?: string } {
  if (code !== 'not-authenticated') return {}
  return {
    hint: "Give --token or PIPI_TOKEN; on the platform's own machine its data folder holds one in `owner-token`.",
  }
}
