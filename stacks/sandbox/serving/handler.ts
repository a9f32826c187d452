import { mkdir, rm } from 'node:fs/promises'
import type { HandlerRequest, Serving } from '../../contract/sandbox.ts'
import { unpackZip } from '../zip/unpack.ts'
import { type Answer, type Answerer, textResponse, turnAway } from './answerer.ts'
import { type RunningHandler, runHandler } from './run-handler.ts'

export interface HandlerPlaces {
  /** Where the artifact is unpacked to, once. */
  folder: string
  /** The process' own folder, removed with the handler. */
  home: string
  idleMs: number
}

/** What a cold start may take. */
const START_MS = 30_000

type HandlerServing = Extract<Serving, { kind: 'handler' }>

/** A handler that starts with its first request and stops when nobody has asked for a while, like the clouds' own. */
export class Handler implements Answerer {
  readonly #zip: () => Promise<Uint8Array>
  readonly #serving: HandlerServing
  readonly #places: HandlerPlaces
  readonly #api: () => string
  #running: Promise<RunningHandler> | undefined
  #idle: NodeJS.Timeout | undefined
  #inFlight = 0

  constructor(zip: () => Promise<Uint8Array>, serving: HandlerServing, places: HandlerPlaces, api: () => string) {
    this.#zip = zip
    this.#serving = serving
    this.#places = places
    this.#api = api
  }

  async answer(request: HandlerRequest): Promise<Answer> {
    const { concurrency, timeoutMs = 30_000 } = this.#serving
    if (concurrency !== undefined && this.#inFlight >= concurrency) return turnAway(429, 'Too Many Requests')
    this.#inFlight += 1
    clearTimeout(this.#idle)
    try {
      // A cold start has a time of its own, as at the clouds.
      this.#running ??= this.#start()
      const running = await within(START_MS, this.#running)
      const answer = running === undefined ? undefined : await within(timeoutMs, running.answer(request))
      return answer ?? textResponse(504, 'Gateway Timeout')
    } catch (error) {
      return textResponse(502, `Bad Gateway: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#inFlight -= 1
      if (this.#inFlight === 0) this.#idle = setTimeout(() => void this.#stop(), this.#places.idleMs)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#stop()
    await rm(this.#places.home, { recursive: true, force: true })
  }

  async #start(): Promise<RunningHandler> {
    try {
      await unpackZip(await this.#zip(), this.#places.folder)
      await mkdir(this.#places.home, { recursive: true })
      const { adapter, options, environment } = this.#serving
      const running = await runHandler({
        adapter,
        options: { ...options, api: this.#api() },
        environment,
        folder: this.#places.folder,
        home: this.#places.home,
      })
      // A process that died is started anew by the next request.
      void running.ended.then(() => {
        this.#running = undefined
      })
      return running
    } catch (error) {
      this.#running = undefined
      throw error
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    // One that never became ready has ended by itself.
    await running?.then(
      (one) => one.stop(),
      () => undefined,
    )
  }
}

/** Undefined when it takes longer. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    // When it comes too late nobody hears of a failure any more.
    answer.catch(() => undefined)
  }
}
