// Serves one folder: `node static.mjs FOLDER`, listening on PORT. Plain JavaScript for the same reason as watch-parent.mjs.

import { createHash } from 'node:crypto'
import { open, realpath } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'

const TYPES = {
  '.avif': 'image/avif',
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.gif': 'image/gif',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.otf': 'font/otf',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml; charset=utf-8',
  '.zip': 'application/zip',
}

const PIECE = 16 * 1024

const root = await realpath(process.argv[2])

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error)
    if (response.headersSent) response.destroy()
    else plain(response, 500, 'The site has a fault.')
  })
})
// Whoever takes nothing for a minute has gone.
server.timeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1')

async function serve(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return plain(response, 405, 'Only GET and HEAD.')
  }
  const path = pathOf(request.url)
  if (path === undefined) return plain(response, 400, 'That is no path.')
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : ''
  const found = await find(path)
  if (found === 'folder') {
    // Made of checked parts, so it can not name another host (`//evil`).
    response.setHeader('location', `/${path.map(encodeURIComponent).join('/')}/${query}`)
    return plain(response, 301, 'It is a folder.')
  }
  if (found !== undefined) return send(request, response, 200, found)
  const missing = await fileAt(['404.html'])
  if (missing !== undefined) return send(request, response, 404, missing)
  return plain(response, 404, 'There is no such page.')
}

/** Parts of a path; the last one is empty for a folder. Undefined for what is no path or would leave the folder. */
function pathOf(url) {
  try {
    const parts = decodeURIComponent(url.split(/[?#]/, 1)[0]).split('/')
    if (parts.shift() !== '') return undefined
    const last = parts.length - 1
    const bad = parts.some((part, index) => (part === '' && index !== last) || part === '..' || /[\\\0]/.test(part))
    return bad ? undefined : parts
  } catch {
    return undefined
  }
}

async function find(parts) {
  if (parts.at(-1) === '') return fileAt([...parts.slice(0, -1), 'index.html'])
  const file = await fileAt(parts)
  if (file !== undefined) return file
  const index = await fileAt([...parts, 'index.html'])
  if (index !== undefined) {
    await index.handle.close()
    return 'folder'
  }
  return fileAt([...parts.slice(0, -1), `${parts.at(-1)}.html`])
}

/** An open file inside the root. Nothing with a leading dot is served, except what `.well-known` is for. */
async function fileAt(parts) {
  if (parts.some((part, index) => part.startsWith('.') && !(index === 0 && part === '.well-known'))) return undefined
  const path = await realpath(join(root, ...parts)).catch(() => undefined)
  if (path === undefined || !path.startsWith(root + sep)) return undefined
  const handle = await open(path, 'r').catch(() => undefined)
  if (handle === undefined) return undefined
  const status = await handle.stat()
  if (status.isFile()) return { path, handle, status }
  await handle.close()
  return undefined
}

async function send(request, response, code, { path, handle, status }) {
  const etag = `"${createHash('sha256').update(`${path}\0${status.size}\0${status.mtimeMs}`).digest('base64url').slice(0, 22)}"`
  response.setHeader('content-type', TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream')
  response.setHeader('etag', etag)
  response.setHeader('cache-control', 'no-cache')
  response.setHeader('x-content-type-options', 'nosniff')
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (code === 200 && known?.includes(etag)) {
    await handle.close()
    return response.writeHead(304).end()
  }
  const range = code === 200 ? rangeOf(request, status.size, etag) : undefined
  if (range === 'none') {
    await handle.close()
    response.setHeader('content-range', `bytes */${status.size}`)
    return plain(response, 416, 'There is no such part.')
  }
  const { start, end } = range ?? { start: 0, end: status.size - 1 }
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('content-length', end - start + 1)
  if (range !== undefined) response.setHeader('content-range', `bytes ${start}-${end}/${status.size}`)
  response.writeHead(range === undefined ? code : 206)
  try {
    if (request.method !== 'HEAD') await pump(handle, response, start, end)
  } finally {
    await handle.close()
  }
  response.end()
}

/** One small buffer per answer, filled again when the system has taken it: many slow readers must not fill our grant. */
async function pump(handle, response, start, end) {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, end - start + 1))
  for (let position = start; position <= end && !response.destroyed; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position + 1), position)
    if (bytesRead === 0) throw new Error('The file became shorter while it was sent.')
    position += bytesRead
    // Settles when the piece is with the system, or when whoever asked has gone.
    await new Promise((resolve) => {
      response.once('close', resolve)
      response.write(buffer.subarray(0, bytesRead), () => {
        response.off('close', resolve)
        resolve()
      })
    })
  }
}

/** The one part of a file that is asked for (films are); several at once are answered with the whole. */
function rangeOf(request, size, etag) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const onlyIf = request.headers['if-range']
  if (onlyIf !== undefined && onlyIf !== etag) return undefined
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return start <= end ? { start, end } : 'none'
}

function plain(response, code, text) {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
  response.end(`${text}\n`)
}
