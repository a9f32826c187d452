import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { PipiError } from '../../../catalog/errors.ts'

const ANSWER_MS = 10_000

/** A configuration of Caddy as it is right now, and the mark by which a change that somebody else made meanwhile is noticed. */
export interface CaddyConfig {
  value: Record<string, unknown>
  mark: string
}

/** The whole configuration, from Caddy's admin address. Throws `platform.unreachable` when nobody answers there. */
export async function readCaddy(admin: string): Promise<CaddyConfig> {
  const answer = await ask(admin, 'GET', undefined, {})
  const body = await text(answer)
  const value = answer.statusCode === 200 ? (JSON.parse(body) as Record<string, unknown> | null) : undefined
  if (value === undefined) throw refused(answer, body)
  // It comes behind the body.
  return { value: value ?? {}, mark: answer.trailers.etag ?? answer.headers.etag ?? '' }
}

/** Sets the whole configuration at once. False when it is not the one that was read any more. */
export async function writeCaddy(admin: string, value: unknown, mark: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json', ...(mark === '' ? {} : { 'if-match': mark }) }
  const answer = await ask(admin, 'POST', JSON.stringify(value), headers)
  const body = await text(answer)
  if (answer.statusCode === 412) return false
  if (answer.statusCode !== 200) throw refused(answer, body)
  return true
}

async function ask(
  admin: string,
  method: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const asked = request(new URL('/config/', admin), { method, headers, agent: false, timeout: ANSWER_MS })
  asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_MS / 1000} s`)))
  asked.end(body)
  try {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer
  } catch (cause) {
    throw new PipiError('platform.unreachable', `no Caddy answers at ${admin}: ${(cause as Error).message}`, {
      hint: INSTALL,
      cause,
    })
  }
}

/** What a host needs for names of its own. */
export const INSTALL =
  'Names of its own take Caddy on the host: install it there (apt-get install caddy), or name its admin address as "caddy" in hosts.yaml.'

function refused(answer: IncomingMessage, body: string): PipiError {
  return new PipiError('provider.failed', `Caddy refuses the names: ${answer.statusCode} ${body.slice(0, 500)}`, {
    hint: 'Does another server of that Caddy listen on the same port? Give ours another one: "caddy: { listen }" in hosts.yaml.',
  })
}
