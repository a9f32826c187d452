import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'

import { openInside } from './runtime-inside.ts'

type HttpFunction = (req: FrameworkRequest, res: FrameworkResponse) => unknown

/** Google's Functions Framework: loads the module that package.json names and calls its entry point with (req, res). */
export default async function functionsFramework(
  folder: string,
  options: Json,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  const entryPoint = String(options.entryPoint)
  if (typeof options.api === 'string')
    await openInside({ api: options.api, email: String(options.email), project: String(options.project) })
  const fn = await load(folder, entryPoint)
  return (request) =>
    new Promise((resolve, reject) => {
      const response = new FrameworkResponse(resolve)
      Promise.resolve(fn(new FrameworkRequest(request), response)).catch(reject)
    })
}

async function load(folder: string, entryPoint: string): Promise<HttpFunction> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { main?: string }
  const module = (await import(pathToFileURL(join(folder, manifest.main ?? 'index.js')).href)) as Record<
    string,
    unknown
  >
  const fn = module[entryPoint]
  if (typeof fn !== 'function') throw new Error(`Function '${entryPoint}' is not defined in the provided module.`)
  return fn as HttpFunction
}

/** As much of Express' request as an HTTP function commonly uses. */
class FrameworkRequest {
  readonly method: string
  readonly url: string
  readonly originalUrl: string
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
  readonly rawBody: Buffer
  constructor(request: HandlerRequest) {
    this.method = request.method
    this.path = request.path
    this.url = request.query === '' ? request.path : `${request.path}?${request.query}`
    this.originalUrl = this.url
    this.query = Object.fromEntries(new URLSearchParams(request.query))
    this.headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    this.rawBody = Buffer.from(request.body)
  }
  get(name: string): string | undefined {
    return this.headers[name.toLowerCase()]
  }
}

/** As much of Express' response; `end` answers. */
class FrameworkResponse {
  statusCode = 200
  readonly #headers = new Map<string, string | string[]>()
  readonly #chunks: Buffer[] = []
  readonly #answer: (response: HandlerResponse) => void
  constructor(answer: (response: HandlerResponse) => void) {
    this.#answer = answer
  }
  status(code: number): this {
    this.statusCode = code
    return this
  }
  setHeader(name: string, value: string | number | readonly string[]): this {
    this.#headers.set(name.toLowerCase(), Array.isArray(value) ? value.map(String) : String(value))
    return this
  }
  set(name: string, value: string): this {
    return this.setHeader(name, value)
  }
  getHeader(name: string): string | string[] | undefined {
    return this.#headers.get(name.toLowerCase())
  }
  write(chunk: string | Uint8Array): boolean {
    this.#chunks.push(Buffer.from(chunk))
    return true
  }
  json(value: unknown): void {
    this.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(value))
  }
  send(body: string | Uint8Array): void {
    if (this.getHeader('content-type') === undefined)
      this.setHeader('content-type', typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/octet-stream')
    this.end(body)
  }
  end(chunk?: string | Uint8Array): void {
    if (chunk !== undefined) this.write(chunk)
    this.#answer({
      status: this.statusCode,
      headers: Object.fromEntries(this.#headers),
      body: Buffer.concat(this.#chunks),
    })
  }
}
