import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'
import { simulated } from './simulated.ts'

const PLAIN = /^(text\/|application\/x-www-form-urlencoded)/
const BINARY = /^(audio|font|image|model|multipart|video)\/|^application\/octet-stream/

type Main = (args: Json) => Promise<{ statusCode?: number; headers?: Record<string, unknown>; body?: unknown }>

/** Code Engine's Node runtime: inline code is evaluated, a request becomes arguments, what it gives becomes HTTP. */
export default async function functionRuntime(
  folder: string,
  options: Json,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  reachCloud(String(options.api ?? ''))
  const main = evaluated(await readFile(join(folder, 'main.js'), 'utf8'))
  return async (request) => responseOf(await main(argumentsOf(request)))
}

/** The runtime puts the code into a function of its own, with what a module has. */
export function evaluated(code: string): Main {
  const module = { exports: {} as { main?: Main } }
  const require = createRequire(import.meta.url)
  // biome-ignore lint/security/noGlobalEval: it is what the platform does with code that it is given as text
  const enclosed = eval(`(function (require, module, exports) { ${code}\n})`) as (...given: unknown[]) => void
  enclosed(require, module, module.exports)
  if (typeof module.exports.main !== 'function') throw new Error('Action entrypoint "main" is not a function.')
  return module.exports.main
}

export function argumentsOf({ method, path, query, headers, body }: HandlerRequest): Json {
  const type = headers['content-type'] ?? 'application/json'
  const canonical = Object.entries(headers).map(([name, value]) => [
    name.replaceAll(/(^|-)[a-z]/g, (one) => one.toUpperCase()),
    value,
  ])
  return {
    ...(/^application\/json/.test(type) ? fieldsOf(body) : {}),
    __ce_method: method,
    __ce_path: path,
    __ce_query: query,
    __ce_headers: Object.fromEntries(canonical),
    ...(body.length === 0 ? {} : { __ce_body: Buffer.from(body).toString(PLAIN.test(type) ? 'utf8' : 'base64') }),
  }
}

function fieldsOf(body: Uint8Array): Json {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Json) : {}
  } catch {
    // Not JSON: the function reads the body itself.
    return {}
  }
}

export function responseOf({ statusCode = 200, headers = {}, body }: Awaited<ReturnType<Main>>): HandlerResponse {
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  )
  const type = String(given['content-type'] ?? 'text/plain; charset=utf-8')
  return {
    status: statusCode,
    headers: { ...given, 'content-type': type, 'x-faas-actionstatus': String(statusCode) },
    body: bytesOf(body, type),
  }
}

function bytesOf(body: unknown, type: string): Buffer {
  if (body === undefined || body === null || body === '') return Buffer.alloc(0)
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body))
  return Buffer.from(body, BINARY.test(type) ? 'base64' : 'utf8')
}

/** IBM's own addresses lead to the simulated ones, as its network leads to the real ones. */
function reachCloud(api: string): void {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const there = api === '' ? undefined : simulated(api, url.host, `${url.pathname}${url.search}`)
    if (there === undefined) return fetch(input, init)
    return fetch(input instanceof Request ? new Request(there, input) : there, init)
  }
}
