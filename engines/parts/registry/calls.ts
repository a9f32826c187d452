import { setTimeout as delay } from 'node:timers/promises'
import { Authority, isLocal, reasonOf } from './authority.ts'
import type { RegistryOptions, Send } from './client.ts'
import { passes, refusal, registryError } from './failure.ts'

export interface Call {
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** A path of the registry (`/v2/…`), or an address that it gave. */
  to: string
  /** The repository, and what is done there: what a token is good for. */
  purpose: { name: string; writes: boolean }
  headers?: Record<string, string>
  body?: Blob | Uint8Array<ArrayBuffer>
  /** Not made a second time where the answer was lost or bad: the caller knows better what to do then. */
  once?: boolean
}

const TRIES = 5
const REDIRECTS = 5
const PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
const ANSWER_MS = 60_000
/** Slower than this, bytes a second, is not waited for. */
const SLOWEST = 64 * 1024

/** An answer, the host that gave it, and whether that is the registry's own. */
interface Followed {
  answer: Response
  ours: boolean
  host: string
}

/** HTTP with one registry: proofs for it alone, redirects, and once more where that can help. */
export class Calls {
  readonly origin: string
  readonly signal: AbortSignal
  readonly #path: string
  readonly #authority: Authority
  readonly #headers: Readonly<Record<string, string>>
  readonly #send: Send
  readonly #pauseMs: number

  constructor(options: RegistryOptions) {
    const { base, login, headers = {}, send = (url, request) => fetch(url, request), signal, pauseMs } = options
    const url = new URL(base)
    if (url.protocol !== 'https:' && !isLocal(url))
      throw registryError(`${base} is reached by https only, plain http is for this machine`, 0)
    this.origin = url.origin
    this.#path = url.pathname.replace(/\/$/, '')
    this.signal = signal ?? new AbortController().signal
    this.#headers = headers
    this.#send = send
    this.#pauseMs = pauseMs ?? PAUSE_MS
    this.#authority = new Authority({ origin: this.origin, login, send, signal: this.signal })
  }

  get host(): string {
    return new URL(this.origin).host
  }

  /** The answer, whatever its status, but 401 and what does not pass by itself (429, 5xx, no answer): those throw. */
  async call(call: Call): Promise<Response> {
    const what = `${call.method} ${this.#urlOf(call).pathname}`
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#proven(call).catch((error: unknown) => {
        this.signal.throwIfAborted()
        const broke = error instanceof TypeError || (error as Error).name === 'TimeoutError'
        if (broke || passes(error)) return error as Error
        throw error
      })
      const failed = answer instanceof Error || answer.status === 429 || answer.status >= 500
      if (!failed) return answer
      if (call.once || tries === TRIES) {
        if (!(answer instanceof Error)) throw await refusal(what, this.host, answer)
        if (passes(answer)) throw answer
        throw registryError(`${this.host} cannot be reached for ${what}: ${reasonOf(answer)}`, 0, undefined, answer)
      }
      if (!(answer instanceof Error)) await answer.body?.cancel()
      await this.pause(tries, answer instanceof Error ? null : answer.headers.get('retry-after'))
    }
  }

  /** Longer each time; `after`: as the registry asks for it, seconds or a date, a minute at most. */
  async pause(tries: number, after: string | null = null): Promise<void> {
    const asked =
      after === null ? Number.NaN : /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
    const ms = Number.isNaN(asked) ? this.#pauseMs * 2 ** (tries - 1) : Math.max(0, asked)
    await delay(Math.min(ms, LONGEST_PAUSE_MS), undefined, { signal: this.signal })
  }

  async #proven(call: Call): Promise<Response> {
    const { name, writes } = call.purpose
    const scope = `repository:${name}:${writes ? 'pull,push' : 'pull'}`
    const known = this.#authority.known(scope)
    const what = `${call.method} ${this.#urlOf(call).pathname}`
    const first = await this.#followed(call, known)
    if (first.answer.status !== 401) return first.answer
    // Whoever else asks for proof gets none, and names no server that it would go to.
    if (!first.ours) throw await refusal(what, first.host, first.answer)
    const proof = await this.#authority.answer(first.answer, scope).finally(() => discard(first.answer))
    const { answer, host } = await this.#followed(call, proof)
    if (answer.status !== 401) return answer
    throw await refusal(what, host, answer)
  }

  #urlOf({ to }: Call): URL {
    return new URL(to.startsWith('/') ? `${this.#path}${to}` : to, this.origin)
  }

  /** Redirects only where the specification has them, and no proof for another host than the registry's own. */
  async #followed(call: Call, authorization: string | undefined): Promise<Followed> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(this.#withinMs(call))])
    let url = this.#urlOf(call)
    for (let hops = 0; ; hops += 1) {
      this.#requireSafe(url)
      const ours = url.origin === this.origin
      const answer = await this.#send(url.href, {
        method: call.method,
        headers: {
          ...call.headers,
          ...(ours ? this.#headers : {}),
          ...(ours && authorization !== undefined ? { authorization } : {}),
        },
        redirect: 'manual',
        signal,
        ...(call.body === undefined ? {} : { body: call.body }),
      })
      const to = answer.headers.get('location')
      const reads = call.method === 'GET' || call.method === 'HEAD'
      const redirects = reads ? [301, 302, 303, 307, 308] : [307, 308]
      if (to === null || !redirects.includes(answer.status)) return { answer, ours, host: url.host }
      await answer.body?.cancel()
      if (hops === REDIRECTS) throw registryError(`${this.host} redirects more than ${REDIRECTS} times`, answer.status)
      url = new URL(to, url)
    }
  }

  #requireSafe(url: URL): void {
    if (url.protocol === 'https:' || (isLocal(url) && isLocal(new URL(this.origin)))) return
    throw registryError(`${this.host} sends to ${url.origin}, expected an https address`, 307)
  }

  #withinMs({ method, body }: Call): number {
    // What is fetched is read by the caller, with a limit of its own on the bytes.
    if (method === 'GET') return 3_600_000
    const size = body === undefined ? 0 : body instanceof Blob ? body.size : body.length
    return ANSWER_MS + Math.ceil(size / SLOWEST) * 1000
  }
}

/** Lets the connection of an answer go that nobody reads on. */
async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => undefined)
}
