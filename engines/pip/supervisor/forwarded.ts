import type { IncomingMessage } from 'node:http'

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Raw headers as they go on: without those of this connection, each as often and as it was written. */
export function endToEnd(raw: string[]): string[] {
  const named = raw.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'connection' ? (raw[index + 1] ?? '').toLowerCase().split(/\s*,\s*/) : [],
  )
  return without(raw, [...HOP_BY_HOP, ...named])
}

/**
 * Raw headers that tell a process who asked, by which name and how. What a caller from elsewhere says of itself is
 * dropped; what a proxy on this host says (it may end TLS) is passed on and added to.
 */
export function forwardedOf({
  headers,
  socket: { remoteAddress },
}: Pick<IncomingMessage, 'headers' | 'socket'>): string[] {
  const peer = remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown'
  const trusted = peer === '127.0.0.1' || peer === '::1'
  const said = (name: string): string | undefined => (trusted ? headers[name]?.toString() : undefined)
  const before = said('x-forwarded-for')
  return [
    'X-Forwarded-For',
    before === undefined ? peer : `${before}, ${peer}`,
    'X-Forwarded-Host',
    said('x-forwarded-host') ?? headers.host ?? '',
    'X-Forwarded-Proto',
    said('x-forwarded-proto') ?? 'http',
  ]
}

/** A request's headers without what `forwardedOf` says anew. */
export function withoutForwarded(raw: string[]): string[] {
  return without(raw, ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])
}

function without(raw: string[], names: string[]): string[] {
  const left = new Set(names)
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? '', raw[index + 1] ?? '']
    if (!left.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}
