import { setTimeout as delay } from 'node:timers/promises'
import sdk from 'ibm-cloud-sdk-core'
import { failureOf, statusOf, waitOf } from './failure.ts'

/** Of one request, milliseconds. */
const PATIENCE_MS = 60_000
const TRIES = 5
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

/** IBM Cloud's HTTP APIs as one API key may use them. Throws in IBM's words; no message holds the key. */
export class IbmCloud {
  readonly resourceGroup: string
  readonly #base: string | undefined
  /** Asks again by itself what was throttled (429) or failed on IBM's side (5xx): all of it can be said twice. */
  readonly #repeating: Requests
  /** For what would make a second one. */
  readonly #once: Requests
  readonly #givenUp: AbortSignal

  constructor({ apikey, resourceGroup, base }: Account, givenUp: AbortSignal) {
    this.resourceGroup = resourceGroup
    this.#base = base?.replace(/\/$/, '')
    this.#givenUp = givenUp
    // What is on this machine is never asked through a proxy.
    const local = base === undefined ? {} : { proxy: false }
    const authenticator = new sdk.IamAuthenticator({
      apikey,
      ...local,
      url: this.#address('https://iam.cloud.ibm.com'),
    })
    const options = { authenticator, serviceUrl: 'https://cloud.ibm.com', ...local }
    this.#once = new Requests(options)
    this.#repeating = new Requests({ ...options, enableRetries: true, maxRetries: TRIES - 1 })
  }

  /** What may be said twice. Undefined: there is no such thing (404, 410). */
  async ask(call: Call): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.#send(this.#repeating, call)
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
        await this.#send(this.#once, call)
        return undefined
      } catch (error) {
        const status = statusOf(error)
        // Refused, and never begun: throttled may be asked again, and what is "there already" may be our own.
        const refused = status !== undefined && status < 500
        if (refused && status !== 429 && !(status === 409 && uncertain)) throw failureOf(error, call)
        uncertain ||= !refused
        const there = uncertain ? await find() : undefined
        if (there !== undefined) return there
        if (tried >= TRIES || status === 409) throw failureOf(error, call)
        await this.pause(waitOf(error) ?? FIRST_WAIT_MS * 2 ** (tried - 1))
      }
    }
  }

  /** Looks until there is something to give, or throws after `withinMs`, or when the run was cancelled. */
  async until<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
    const end = performance.now() + withinMs
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > end) throw new Error(`${what} took longer than ${Math.round(withinMs / 1000)} s`)
      await this.pause(LOOK_MS)
    }
  }

  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#givenUp }).catch(() => {
      throw new Error('the run was cancelled')
    })
  }

  async #send(requests: Requests, call: Call): Promise<Record<string, unknown>> {
    const { method, url, query = {}, body, headers = {}, urn } = call
    const { result } = await requests.send({
      options: { method, url: this.#address(url), qs: query, ...(body === undefined ? {} : { body }) },
      defaultOptions: {
        serviceUrl: 'https://cloud.ibm.com',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(urn === undefined ? {} : { 'x-correlation-id': urn }),
          ...headers,
        },
        axiosOptions: { timeout: PATIENCE_MS, ...(this.#base === undefined ? {} : { proxy: false }) },
      },
    })
    return typeof result === 'object' && result !== null ? (result as Record<string, unknown>) : {}
  }

  #address(url: string): string {
    if (this.#base === undefined) return url
    const { host, pathname } = new URL(url)
    return `${this.#base}/_/${host}${pathname === '/' ? '' : pathname}`
  }
}
