// Answers requests from the files in app/. Travels into functions as it is: plain JavaScript without dependencies.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const ROOT = join(import.meta.dirname, 'app')

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.pdf': 'application/pdf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.zip': 'application/zip',
}

/** @param {{ method: string, path: string, headers: Record<string, string> }} request */
export async function answer(request) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return {
      status: 405,
      headers: { allow: 'GET, HEAD', 'content-type': TYPES['.txt'] },
      body: Buffer.from('only GET and HEAD\n'),
    }
  }
  const found = await find(request.path)
  if (found.redirect !== undefined) return { status: 308, headers: { location: found.redirect }, body: Buffer.alloc(0) }
  if (found.file === undefined) return missing(request.method)
  const body = await readFile(found.file)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  const headers = {
    etag,
    'cache-control': 'public, max-age=0, must-revalidate',
    'x-content-type-options': 'nosniff',
    'content-type': typeOf(found.file),
  }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: Buffer.alloc(0) }
  return { status: 200, headers, body: request.method === 'HEAD' ? Buffer.alloc(0) : body }
}

async function missing(method) {
  const own = await fileAt(join(ROOT, '404.html'))
  const body = own === undefined ? Buffer.from('not found\n') : await readFile(own)
  return {
    status: 404,
    headers: { 'content-type': own === undefined ? TYPES['.txt'] : TYPES['.html'] },
    body: method === 'HEAD' ? Buffer.alloc(0) : body,
  }
}

async function find(path) {
  let name
  try {
    name = decodeURIComponent(path)
  } catch {
    return {}
  }
  if (name.includes('\0') || name.includes('\\') || name.split('/').some((part) => part.startsWith('.'))) return {}
  const file = normalize(join(ROOT, name))
  if (file !== ROOT && !file.startsWith(ROOT + sep)) return {}
  const plain = await fileAt(file)
  if (plain !== undefined) return name.endsWith('/') ? {} : { file: plain }
  const index = await fileAt(join(file, 'index.html'))
  // Relative links of an index page only work below a slash. One slash: two would name another host.
  if (index !== undefined)
    return name.endsWith('/') || name === '' ? { file: index } : { redirect: `/${path.replace(/^\/+/, '')}/` }
  return { file: name.endsWith('/') ? undefined : await fileAt(`${file}.html`) }
}

async function fileAt(path) {
  const found = await stat(path).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return undefined
    throw error
  })
  return found?.isFile() ? path : undefined
}

function typeOf(file) {
  return TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream'
}
