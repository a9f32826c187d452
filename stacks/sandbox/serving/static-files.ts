import type { HandlerRequest, HandlerResponse } from '../../contract/sandbox.ts'
import { readZip } from '../zip/read.ts'
import { type Answerer, textResponse } from './answerer.ts'
import { contentTypeOf } from './content-type.ts'

export interface StaticOptions {
  /** Folder inside the zip; `` or `.` for all of it. */
  root: string
  /** Served with 404 where nothing is found; `404.html` when absent. */
  notFound?: string
}

/** Serves the files of a zip from memory: what is not in the zip cannot be reached, whatever the path says. */
export async function openStaticFiles(zip: () => Promise<Uint8Array>, options: StaticOptions): Promise<Answerer> {
  let loaded: Promise<Map<string, Uint8Array>> | undefined
  return {
    async answer(request) {
      loaded ??= zip().then((bytes) => filesBelow(bytes, options.root))
      return respond(await loaded, request, options.notFound ?? '404.html')
    },
    async close() {
      loaded = undefined
    },
  }
}

function filesBelow(zip: Uint8Array, root: string): Map<string, Uint8Array> {
  const folder = root
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  const prefix = folder === '' ? '' : `${folder}/`
  const files = new Map<string, Uint8Array>()
  for (const { path, bytes } of readZip(zip)) {
    if (path.startsWith(prefix)) files.set(path.slice(prefix.length), bytes)
  }
  return files
}

function respond(files: Map<string, Uint8Array>, request: HandlerRequest, notFound: string): HandlerResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...textResponse(405, 'Method Not Allowed'), headers: { allow: 'GET, HEAD', 'content-type': 'text/plain' } }
  }
  const path = decoded(request.path)
  if (path === undefined) return textResponse(400, 'Bad Request')
  const name = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  const found = [name, `${name}/index.html`, `${name}.html`]
    .map((one) => one.replace(/^\//, ''))
    .find((one) => files.has(one))
  const shown = found ?? notFound
  const bytes = files.get(shown)
  if (bytes === undefined) return textResponse(404, 'Not Found')
  return {
    status: found === undefined ? 404 : 200,
    headers: { 'content-type': contentTypeOf(shown), 'content-length': String(bytes.byteLength) },
    body: request.method === 'HEAD' ? new Uint8Array() : bytes,
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
