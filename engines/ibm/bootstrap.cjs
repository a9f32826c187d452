// Code Engine's side. A function's code is one module: what it needs travels inside, and is unpacked once an instance.
const { mkdirSync, mkdtempSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')
const { brotliDecompressSync } = require('node:zlib')

/** Lengths of files by name as a line of JSON, and their bytes one after the other. */
const PACKED = '@packed@'
const PLAIN = /^(text\/|application\/x-www-form-urlencoded)/
const WRITTEN = /^(text\/|application\/(x-www-form-urlencoded|xml|javascript|[\w.+-]+\+(json|xml)))/

let unpacking

async function main(args) {
  unpacking ??= unpack()
  const { answer } = await unpacking.catch((error) => {
    unpacking = undefined
    throw error
  })
  const headers = Object.fromEntries(
    Object.entries(args.__ce_headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
  // Text goes back as text: packed bytes would not survive it.
  delete headers['accept-encoding']
  const answered = await answer({
    method: args.__ce_method ?? 'GET',
    path: args.__ce_path || '/',
    query: args.__ce_query ?? '',
    headers,
    body: Buffer.from(args.__ce_body ?? '', PLAIN.test(headers['content-type'] ?? '') ? 'utf8' : 'base64'),
  })
  const { 'content-length': _counted, ...given } = answered.headers
  return { statusCode: answered.status, headers: given, body: bodyOf(given['content-type'], answered.body) }
}

/** JSON is given as what it says, text as text, and everything else in base64. */
function bodyOf(type = '', body) {
  if (/^application\/json/.test(type) && body.length > 0) return JSON.parse(body.toString('utf8'))
  return body.toString(type === '' || WRITTEN.test(type) ? 'utf8' : 'base64')
}

async function unpack() {
  const bytes = brotliDecompressSync(Buffer.from(PACKED, 'base64'))
  const folder = mkdtempSync(join(tmpdir(), 'pipi-'))
  const end = bytes.indexOf('\n')
  let at = end + 1
  for (const [name, length] of Object.entries(JSON.parse(bytes.subarray(0, end).toString('utf8')))) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes.subarray(at, at + length))
    at += length
  }
  // Text that is evaluated may not import by itself; a file may.
  const load = join(folder, 'load.cjs')
  writeFileSync(load, "module.exports = import('./answer.mjs')\n")
  return require(load)
}

module.exports.main = main
