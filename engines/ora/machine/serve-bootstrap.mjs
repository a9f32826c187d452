// Answers HTTP on PORT with `answer.mjs` beside it: what functions are called with at other places. Travels as it is.
import { createServer } from 'node:http'
import { answer } from './answer.mjs'

const MOST_BYTES = 10 * 1024 * 1024
const timeoutMs = Number(process.env.PIPI_TIMEOUT_S ?? 60) * 1000

createServer((request, response) => {
  // The agent asks whether somebody is there: a function is not called for that.
  if (request.headers['pipi-health'] !== undefined) return response.writeHead(204).end()
  void respond(request).then(
    ({ status, headers, body }) => {
      response.writeHead(status, headers)
      response.end(request.method === 'HEAD' ? undefined : body)
    },
    (error) => {
      console.error(error)
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-type': 'text/plain' }).end('failed\n')
    },
  )
}).listen(Number(process.env.PORT), process.env.HOST)

async function respond(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MOST_BYTES) return text(413, 'the request is too large')
    chunks.push(chunk)
  }
  const cut = request.url.indexOf('?')
  return within(
    answer({
      method: request.method,
      path: cut < 0 ? request.url : request.url.slice(0, cut),
      query: cut < 0 ? '' : request.url.slice(cut + 1),
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
      ),
      body: Buffer.concat(chunks),
    }),
  )
}

async function within(answering) {
  let timer
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(text(504, 'it took too long')), timeoutMs)
  })
  try {
    return await Promise.race([answering, late])
  } finally {
    clearTimeout(timer)
    answering.catch(() => undefined)
  }
}

function text(status, words) {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${words}\n`) }
}
