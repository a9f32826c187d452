// Lambda's side: a function URL's event (payload format 2.0) becomes a request, the answer becomes its response. A
// schedule's event has nothing of HTTP, and fails where the answer does: so it shows among Lambda's errors.
import { answer } from './answer.mjs'

const TEXT = /^(text\/|image\/svg\+xml|application\/(json|xml|javascript|manifest\+json|problem\+json))/

export async function handler(event) {
  if (event.requestContext?.http === undefined) return run()
  const answered = await answer({
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: event.rawQueryString ?? '',
    headers: requestHeaders(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  })
  const { 'set-cookie': cookies, ...headers } = answered.headers
  const text = TEXT.test(String(headers['content-type'] ?? '')) && headers['content-encoding'] === undefined
  return {
    statusCode: answered.status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(cookies === undefined ? {} : { cookies: [cookies].flat() }),
    body: answered.body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: !text,
  }
}

async function run() {
  const { status, body } = await answer({ method: 'POST', path: '/', query: '', headers: {}, body: Buffer.alloc(0) })
  if (status >= 400) throw new Error(`${status} ${body.toString('utf8').trim()}`)
}

function requestHeaders(event) {
  const headers = { ...event.headers }
  if (event.cookies?.length > 0) headers.cookie = event.cookies.join('; ')
  return headers
}
