// The side of Azure Functions: its request becomes ours, the answer becomes its response.
import { answer } from './answer.mjs'

export default async function main(context, req) {
  // The app rewrites every path to this function; the one that was asked for stands in this header.
  const asked = new URL(req.headers['x-ms-original-url'] ?? req.url)
  const answered = await answer({
    method: req.method,
    path: asked.pathname,
    query: asked.search.replace(/^\?/, ''),
    headers: req.headers,
    body: req.bufferBody ?? Buffer.from(req.rawBody ?? ''),
  })
  const { 'set-cookie': cookies, ...headers } = answered.headers
  context.res = {
    status: answered.status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(cookies === undefined ? {} : { cookies: [cookies].flat().map(cookieOf) }),
    body: Buffer.from(answered.body),
  }
}

/** Functions take cookies in parts, since a header stands once in their answer. */
function cookieOf(line) {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const cookie = { name: pair.split('=')[0], value: pair.slice(pair.indexOf('=') + 1) }
  for (const part of rest) {
    const [name, value] = part.split('=')
    const key = name.toLowerCase()
    if (key === 'path' || key === 'domain') cookie[key] = value
    else if (key === 'expires') cookie.expires = new Date(value)
    else if (key === 'max-age') cookie.maxAge = Number(value)
    else if (key === 'samesite') cookie.sameSite = value
    else if (key === 'httponly') cookie.httpOnly = true
    else if (key === 'secure') cookie.secure = true
  }
  return cookie
}
