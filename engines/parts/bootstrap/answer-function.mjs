// Calls the function in app/: a web Request in, a web Response out. Travels into functions as it is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

let loading

/** @param {{ method: string, path: string, query: string, headers: Record<string, string>, body: Uint8Array }} request */
export async function answer(request) {
  loading ??= load()
  const call = await loading.catch((error) => {
    loading = undefined
    throw error
  })
  const response = await call(requestOf(request))
  if (!(response instanceof Response))
    throw new TypeError(`the function gave ${typeof response}, and has to give a Response`)
  return answerOf(response)
}

async function load() {
  const { main } = JSON.parse(readFileSync(join(import.meta.dirname, 'pipi.json'), 'utf8'))
  const folder = join(import.meta.dirname, 'app')
  process.chdir(folder)
  const module = await import(pathToFileURL(join(folder, main)).href)
  // What was compiled to CommonJS has its default export one step deeper.
  const call = typeof module.default === 'function' ? module.default : module.default?.default
  if (typeof call !== 'function') throw new TypeError(`${main} has no function as its default export`)
  return call
}

function requestOf({ method, path, query, headers, body }) {
  const host = headers['x-forwarded-host'] ?? headers.host ?? 'localhost'
  const scheme = headers['x-forwarded-proto']?.split(',')[0] ?? 'http'
  // A path with two slashes in front would name another host.
  const url = new URL(`${scheme}://${host}`)
  url.pathname = path
  url.search = query
  const bodyless = method === 'GET' || method === 'HEAD'
  return new Request(url, { method, headers, ...(bodyless || body.length === 0 ? {} : { body }) })
}

async function answerOf(response) {
  const headers = {}
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) }
}
