import { setTimeout as delay } from 'node:timers/promises'
import sdk from 'ibm-cloud-sdk-core'
import { z } from 'zod'
import { failureOf, statusOf, waitOf } from './failure.ts'

const TOKENS = 'https://iam.cloud.ibm.com'
const keySchema = z.looseObject({ account_id: z.string() })
/** Of one request, milliseconds. */
const PATIENCE_MS = 60_000
/** What is under way when a run is cancelled may still be answered for so long. */
const GRACE_MS = 5_000
const TRIES = 5
/** What the SDK takes for asking again what was throttled or failed on IBM's side. */
const AGAIN = { enableRetries: true, maxRetries: TRIES - 1 }
const FIRST_WAIT_MS = 500
/** How often something that is being made is looked at. */
const LOOK_MS = 2_000

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As the documentation gives it, `https://host/path`. */
  url: string
  query?: Record<string, string>
  body?: Record<string, unknown>
  headers?: Record<string, string>
  /** What is changed, so that IBM's own log of the request can be found by it. */
  urn?: string
}

export interface Account {
  apikey: string
  /** Id of the resource group in which everything is made. */
  resourceGroup: string
  /** Where a simulated platform answers for all hosts: `<base>/_/<host>/<path>`. Missing: the platform itself. */
  base?: string | undefined
}

/** What the SDK keeps for the services that are generated from it. */
class Requests extends sdk.BaseService {
  send(parameters: unknown): Promise<{ status: number; result: unknown }> {
    return this.createRequest(parameters)
  }
}

interface Access {
  apikey: string
  resourceGroup: string
  /** Once it was asked for. */
  account?: string
  base: string | undefined
  /** Asks again by itself what was throttled (429) or failed on IBM's side (5xx): all of it can be said twice. */
  repeating: Requests
  /** For what would make a second one. */
  once: Requests
}

/** IBM Cloud's HTTP APIs as one API key may use them. Throws in IBM's words; no message holds the key. */
export class IbmCloud {
  readonly #access: Access
  /** The run was cancelled: nothing is waited for any more, and what was sent has a moment to come to its end. */
  readonly #cancelled: AbortSignal
  readonly #late: AbortSignal

  private constructor(access: Access, cancelled: AbortSignal, late: AbortSignal) {
    this.#access = access
    this.#cancelled = cancelled
    this.#late = late
  }

  static open({ apikey, resourceGroup, base }: Account, cancelled: AbortSignal): IbmCloud {
    const there = base?.replace(/\/$/, '')
    // What is on this machine is never asked through a proxy.
    const local = there === undefined ? {} : { proxy: false }
    const url = addressOf(TOKENS, there)
    const options = {
      authenticator: new sdk.IamAuthenticator({ apikey, url, ...local, ...AGAIN }),
      serviceUrl: TOKENS,
      ...local,
    }
    const repeating = new Requests({ ...options, ...AGAIN })
    const access = { apikey, resourceGroup, base: there, repeating, once: new Requests(options) }
    const hasten = new AbortController()
    cancelled.addEventListener('abort', () => setTimeout(() => hasten.abort(), GRACE_MS).unref(), { once: true })
    return new IbmCloud(access, cancelled, hasten.signal)
  }

  /** The same for one operation, which has given up after so many milliseconds whatever it waits for. */
  within(ms: number): IbmCloud {
    return new IbmCloud(this.#access, this.#cancelled, AbortSignal.any([this.#late, AbortSignal.timeout(ms)]))
  }

  get resourceGroup(): string {
    return this.#access.resourceGroup
  }

  /** Id of the account that the key belongs to. */
  async account(): Promise<string> {
    if (this.#access.account === undefined) {
      const headers = { 'iam-apikey': this.#access.apikey }
      const key = await this.ask({ method: 'GET', url: `${TOKENS}/v1/apikeys/details`, headers })
      this.#access.account = keySchema.parse(key).account_id
    }
    return this.#access.account
  }

  /** What may be said twice. Undefined: there is no such thing (404, 410). */
  async ask(call: Call): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.#send(this.#access.repeating, call)
    } catch (error) {
      const status = statusOf(error)
      if (status === 404 || status === 410) return undefined
      throw failureOf(error, call)
    }
  }

  /**
   * Makes one. After an answer that never came (5xx, a lost connection) the platform is asked whether it is there
   * before it is asked for it again; so there is one afterwards, or none.
   */
  async make<T>(call: Call, find: () => Promise<T | undefined>): Promise<T | undefined> {
    let uncertain = false
    for (let tried = 1; ; tried += 1) {
      try {
        await this.#send(this.#access.once, call)
        return undefined
      } catch (error) {
        const status = statusOf(error)
        // Refused, and never begun: throttled may be asked again, and what is "there already" may be our own.
        const refused = status !== undefined && status < 500
        const taken = status === 409 || status === 412
        if (refused && status !== 429 && !(taken && uncertain)) throw failureOf(error, call)
        uncertain ||= !refused
        const there = uncertain ? await find() : undefined
        if (there !== undefined) return there
        if (tried >= TRIES || taken) throw failureOf(error, call)
        await this.#pause(waitOf(error) ?? FIRST_WAIT_MS * 2 ** (tried - 1), `${call.method} ${call.url}`)
      }
    }
  }

  /** Looks until there is something to give, the time of the operation is over, or the run was cancelled. */
  async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      await this.#pause(LOOK_MS, what)
    }
  }

  async #pause(ms: number, what: string): Promise<void> {
    await delay(ms, undefined, { signal: AbortSignal.any([this.#cancelled, this.#late]) }).catch(() => {
      throw new Error(`${what}: ${this.#cancelled.aborted ? 'the run was cancelled' : 'it took too long'}`)
    })
  }

  async #send(requests: Requests, call: Call): Promise<Record<string, unknown>> {
    const { method, url, query = {}, body, headers = {}, urn } = call
    const { result } = await requests.send({
      options: { method, url: addressOf(url, this.#access.base), qs: query, ...(body === undefined ? {} : { body }) },
      defaultOptions: {
        serviceUrl: TOKENS,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(urn === undefined ? {} : { 'x-correlation-id': urn }),
          ...headers,
        },
        axiosOptions: {
          timeout: PATIENCE_MS,
          signal: this.#late,
          ...(this.#access.base === undefined ? {} : { proxy: false }),
        },
      },
    })
    return typeof result === 'object' && result !== null ? (result as Record<string, unknown>) : {}
  }
}

function addressOf(url: string, base: string | undefined): string {
  if (base === undefined) return url
  const { host, pathname } = new URL(url)
  return `${base}/_/${host}${pathname === '/' ? '' : pathname}`
}
