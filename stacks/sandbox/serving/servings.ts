import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Json, Serving, Shut } from '../../contract/sandbox.ts'
import type { Bytes } from '../inventory/bytes.ts'
import type { Ports } from '../inventory/ports.ts'
import type { KeptResource } from '../inventory/resources.ts'
import type { Traffic, Usage } from '../inventory/usage.ts'
import { type Answerer, textResponse, turnAway } from './answerer.ts'
import { Handler } from './handler.ts'
import { readRequest, writeResponse } from './http-request.ts'
import { type Listening, listen } from './listen.ts'
import { openStaticFiles } from './static-files.ts'

interface Open {
  seq: number
  spot: string
  serving: Serving
  /** Undefined for an alias: its target answers. */
  answerer: Answerer | undefined
  listening: Listening | undefined
}

/** All that the simulated clouds answer HTTP for: one loopback port for each resource that has an address. */
export class Servings {
  readonly #given: { bytes: Bytes; ports: Ports; usage: Usage; folder: string; idleMs: number }
  readonly #open = new Map<number, Open>()
  #opened = 0

  constructor(given: { bytes: Bytes; ports: Ports; usage: Usage; folder: string; idleMs: number }) {
    this.#given = given
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

  /** Counts traffic on whatever answers for a resource. False: nothing does, or it is shut, and nothing was counted. */
  count(resource: KeptResource, traffic: Traffic): boolean {
    const target = this.#targetOf(resource)
    if (target === undefined || shutOf(target) !== undefined) return false
    this.#given.usage.add(target.seq, traffic)
    return true
  }

  /** How a resource is served, through its alias where it has one; undefined: not at all, or it is shut. */
  servingOf(resource: KeptResource): Serving | undefined {
    const target = this.#targetOf(resource)
    return target === undefined || shutOf(target) !== undefined ? undefined : target.serving
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
      const shut = shutOf(target)
      const answer = shut === undefined ? await target.answerer.answer(request) : turnAway(shut.status, shut.text)
      const busyMs = Math.ceil(performance.now() - began)
      if (answer.turnedAway !== true) this.count(resource, { requests: 1, egressBytes: answer.body.byteLength, busyMs })
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

  async #answererOf(seq: number, serving: Serving): Promise<Answerer | undefined> {
    if (serving.kind === 'alias') return undefined
    await this.expectArtifact(serving)
    const zip = () => this.#artifact(serving.zip)
    this.#opened += 1
    if (serving.kind === 'static') return openStaticFiles(zip, serving)
    return new Handler(zip, serving, {
      folder: this.#unpacked(serving.zip),
      home: join(this.#given.folder, 'run', `${seq}-${this.#opened}`),
      idleMs: this.#given.idleMs,
    })
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

function shutOf({ serving }: Open): Shut | undefined {
  return serving.kind === 'alias' ? undefined : serving.shut
}

function addressOf({ serving, listening }: Open): Json {
  if (serving.urlOutput === undefined || listening === undefined) return {}
  return { [serving.urlOutput]: `http://127.0.0.1:${listening.port}/` }
}

function spotOf({ engine, cloudAccount }: { engine: string; cloudAccount: string }, type: string, id: string): string {
  return JSON.stringify([engine, cloudAccount, type, id])
}
