import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { HandlerRequest, Json, Serving, Shut } from '../../contract/sandbox.ts'
import type { Clock } from '../clock.ts'
import type { Bytes } from '../inventory/bytes.ts'
import type { Ports } from '../inventory/ports.ts'
import type { KeptResource, Resources } from '../inventory/resources.ts'
import type { Traffic, Usage } from '../inventory/usage.ts'
import { type Answer, type Answerer, textResponse, turnAway } from './answerer.ts'
import { Handler } from './handler.ts'
import { readRequest, writeResponse } from './http-request.ts'
import { type Listening, listen } from './listen.ts'
import { Quotas } from './quotas.ts'
import { openStaticFiles } from './static-files.ts'

interface Open {
  seq: number
  spot: string
  serving: Serving
  /** Undefined for an alias: its target answers. */
  answerer: Answerer | undefined
  listening: Listening | undefined
}

interface Given {
  bytes: Bytes
  ports: Ports
  usage: Usage
  resources: Resources
  clock: Clock
  folder: string
  idleMs: number
}

/** All that the simulated clouds answer HTTP for: one loopback port for each resource that has an address. */
export class Servings {
  readonly #given: Given
  readonly #quotas: Quotas
  readonly #open = new Map<number, Open>()
  #opened = 0
  /** Where the clouds' own APIs are reached: known once they listen, before anything is asked. */
  api = ''

  constructor(given: Given) {
    this.#given = given
    this.#quotas = new Quotas(given.usage, given.clock)
  }

  /** Serves a resource, or serves it anew after a change. Gives the output that holds the address. */
  async open(resource: KeptResource, serving: Serving): Promise<Json> {
    const before = this.#open.get(resource.seq)
    if (before !== undefined && isDeepStrictEqual(before.serving, serving)) return addressOf(before)
    const one: Open = {
      seq: resource.seq,
      spot: spotOf(resource, resource.type, resource.id),
      serving,
      answerer: await this.#answererOf(resource.seq, serving),
      listening: before?.listening,
    }
    this.#open.set(resource.seq, one)
    await before?.answerer?.close()
    if (before !== undefined) await this.#forgetArtifact(before.serving)
    if (serving.urlOutput !== undefined) {
      one.listening ??= await this.#given.ports.bind(`resource ${resource.seq}`, (port) =>
        listen(port, (request, response) => void this.#serve(resource, request, response)),
      )
    }
    return addressOf(one)
  }

  /**
   * Counts traffic on whatever answers for a resource, as much of it as the platform's own quota lets pass: the share.
   * 0: nothing answers, or it is shut, and nothing was counted.
   */
  async count(resource: KeptResource, traffic: Traffic): Promise<number> {
    const target = this.#targetOf(resource)
    if (target === undefined || this.#shutOf(resource, target) !== undefined) return 0
    if ((await this.#closedTo(resource, target)) !== undefined) return 0
    const share = await this.#quotas.shareOf(target.seq, target.serving, traffic)
    if (share > 0) this.#given.usage.add(target.seq, scaled(traffic, share))
    return share
  }

  /** How a resource is served, through its alias where it has one; undefined: not at all, or it is shut. */
  servingOf(resource: KeptResource): Serving | undefined {
    const target = this.#targetOf(resource)
    return target === undefined || this.#shutOf(resource, target) !== undefined ? undefined : target.serving
  }

  /** Throws when what is to be served was never uploaded. */
  async expectArtifact(serving: Serving): Promise<void> {
    if (serving.kind !== 'alias') await this.#artifact(serving.zip)
  }

  async close(seq: number): Promise<void> {
    const one = this.#open.get(seq)
    if (one === undefined) return
    this.#open.delete(seq)
    await one.listening?.close()
    await one.answerer?.close()
    await this.#forgetArtifact(one.serving)
    await this.#given.ports.forget(`resource ${seq}`)
  }

  /** Stops answering; what is served comes back when it is opened again. */
  async closeAll(): Promise<void> {
    const all = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(all.map((one) => Promise.all([one.listening?.close(), one.answerer?.close()])))
  }

  /**
   * A call that the cloud itself makes, by whatever `at` it is. `more`: so many like it are counted beside it. Undefined:
   * nothing answers for the resource, or it is shut.
   */
  async call(
    resource: KeptResource,
    request: HandlerRequest,
    { at, more }: { at: number; more: number },
  ): Promise<Answer | undefined> {
    const target = this.#targetOf(resource)
    if (target?.answerer === undefined || this.#shutOf(resource, target) !== undefined) return undefined
    const began = performance.now()
    const answer = await target.answerer.answer(request)
    const busyMs = Math.ceil(performance.now() - began)
    if (answer.turnedAway !== true) {
      const times = more + 1
      const traffic = { requests: times, egressBytes: answer.body.byteLength * times, busyMs: busyMs * times }
      this.#given.usage.add(target.seq, traffic, at)
    }
    return answer
  }

  async #serve(resource: KeptResource, message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = await readRequest(message)
      if (request === undefined) {
        writeResponse(response, textResponse(413, 'Payload Too Large'), false)
        return
      }
      const target = this.#targetOf(resource)
      if (target?.answerer === undefined) {
        writeResponse(response, textResponse(404, 'Not Found'), false)
        return
      }
      const began = performance.now()
      const shut =
        this.#shutOf(resource, target) ??
        (await this.#closedTo(resource, target)) ??
        (await this.#quotas.spent(target.seq, target.serving))
      const answer = shut === undefined ? await target.answerer.answer(request) : turnAway(shut.status, shut.text)
      const busyMs = Math.ceil(performance.now() - began)
      if (answer.turnedAway !== true) {
        this.#given.usage.add(target.seq, { requests: 1, egressBytes: answer.body.byteLength, busyMs })
      }
      writeResponse(response, answer, request.method === 'HEAD')
    } catch (error) {
      if (!response.headersSent) {
        writeResponse(response, textResponse(502, error instanceof Error ? error.message : String(error)), false)
      } else response.destroy()
    }
  }

  #targetOf(resource: KeptResource): Open | undefined {
    const one = this.#open.get(resource.seq)
    if (one?.serving.kind !== 'alias') return one
    const spot = spotOf(resource, one.serving.of.type, one.serving.of.id)
    return [...this.#open.values()].find((other) => other.spot === spot)
  }

  /** Shut itself, or at the address by which it is reached. */
  #shutOf(resource: KeptResource, target: Open): Shut | undefined {
    return this.#open.get(resource.seq)?.serving.shut ?? target.serving.shut
  }

  /** What only some may call is closed to who comes from outside. */
  async #closedTo(resource: KeptResource, { serving }: Open): Promise<Shut | undefined> {
    if (serving.kind !== 'handler' || serving.openedBy === undefined) return undefined
    const { type, inputs } = serving.openedBy
    const openers = await this.#given.resources.living(resource, type)
    const open = openers.some((one) => Object.entries(inputs).every(([key, value]) => one.inputs[key] === value))
    return open ? undefined : { status: 403, text: 'Forbidden' }
  }

  async #answererOf(seq: number, serving: Serving): Promise<Answerer | undefined> {
    if (serving.kind === 'alias') return undefined
    await this.expectArtifact(serving)
    const zip = () => this.#artifact(serving.zip)
    this.#opened += 1
    if (serving.kind === 'static') return openStaticFiles(zip, serving)
    return new Handler(
      zip,
      serving,
      {
        folder: this.#unpacked(serving.zip),
        home: join(this.#given.folder, 'run', `${seq}-${this.#opened}`),
        idleMs: this.#given.idleMs,
      },
      () => this.api,
    )
  }

  async #artifact(digest: string): Promise<Uint8Array> {
    const bytes = await this.#given.bytes.kept(digest)
    if (bytes === undefined) throw new Error(`the artifact ${digest} was never uploaded`)
    return bytes
  }

  #unpacked(digest: string): string {
    return join(this.#given.folder, 'unpacked', digest)
  }

  /** Unpacked files go when nobody serves them any more. */
  async #forgetArtifact(serving: Serving): Promise<void> {
    if (serving.kind !== 'handler') return
    const used = [...this.#open.values()].some(
      (one) => one.serving.kind === 'handler' && one.serving.zip === serving.zip,
    )
    if (!used) await rm(this.#unpacked(serving.zip), { recursive: true, force: true })
  }
}

function scaled(traffic: Traffic, share: number): Traffic {
  if (share >= 1) return traffic
  return {
    requests: Math.floor(traffic.requests * share),
    // Rounded, so that what was measured against a quota uses it up.
    egressBytes: Math.round(traffic.egressBytes * share),
    busyMs: Math.round(traffic.busyMs * share),
  }
}

function addressOf({ serving, listening }: Open): Json {
  if (serving.urlOutput === undefined || listening === undefined) return {}
  const host = `127.0.0.1:${listening.port}`
  const named = serving.kind === 'handler' && serving.hostOutput !== undefined ? { [serving.hostOutput]: host } : {}
  return { ...named, [serving.urlOutput]: `http://${host}/` }
}

function spotOf({ engine, cloudAccount }: { engine: string; cloudAccount: string }, type: string, id: string): string {
  return JSON.stringify([engine, cloudAccount, type, id])
}
