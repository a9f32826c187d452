import { z } from 'zod'
import { challengesOf } from './challenge.ts'
import type { Login, Send } from './client.ts'
import { firstBytes, refusal, registryError } from './failure.ts'

const TOKEN_MS = 60_000
/** What is longer is no token, whoever the registry sends to. */
const TOKEN_BYTES = 64 * 1024
const tokenSchema = z
  .object({ token: z.string().optional(), access_token: z.string().optional() })
  .transform(({ token, access_token }) => token ?? access_token ?? '')
  .pipe(z.string().min(1))

export interface AuthorityOptions {
  /** Of the registry. Nothing of what is given out here may go to another one. */
  origin: string
  login: Login | undefined
  send: Send
  signal: AbortSignal
}

/** Proves to one registry who asks: nothing, Basic, or a token of the server that the registry names. */
export class Authority {
  readonly #options: AuthorityOptions
  /** `Authorization` by what it was given for, as a token's scope says it. */
  readonly #given = new Map<string, string>()

  constructor(options: AuthorityOptions) {
    this.#options = options
  }

  /** What was good the last time. */
  known(scope: string): string | undefined {
    return this.#given.get(scope)
  }

  /** What the registry asks for in a 401: for `scope`, where it does not name one itself. Throws where it cannot be had. */
  async answer(refused: Response, scope: string): Promise<string> {
    const { login, origin } = this.#options
    const { host } = new URL(origin)
    const challenges = challengesOf(refused.headers.get('www-authenticate'))
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm)
    const basic = challenges.some(({ scheme }) => scheme === 'basic')
    if (bearer !== undefined) this.#given.set(scope, `Bearer ${await this.#token({ scope, ...bearer.parameters })}`)
    else if (basic && login !== undefined) this.#given.set(scope, basicOf(login))
    else if (basic) throw registryError(`${host} wants a login, and there is none`, 401)
    else throw await refusal('a call without proof, and does not say what it wants', host, refused)
    return this.#given.get(scope) as string
  }

  async #token({ realm = '', service, scope }: Record<string, string>): Promise<string> {
    const { login, origin, send, signal } = this.#options
    const url = this.#realm(realm)
    const query = new URLSearchParams()
    if (service !== undefined) query.set('service', service)
    for (const each of scope ? scope.split(' ') : []) query.append('scope', each)
    const request = login?.identityToken === undefined ? byGet(url, query, login) : byPost(url, query, login)
    const answer = await send(request.url, {
      ...request,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TOKEN_MS)]),
    }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw registryError(`${url.host} cannot be reached for a token: ${reasonOf(error)}`, 0)
    })
    if (!answer.ok) throw await refusal(`the question for a token for ${new URL(origin).host}`, url.host, answer)
    const parsed = tokenSchema.safeParse(jsonOf(await firstBytes(answer, TOKEN_BYTES)))
    if (parsed.success) return parsed.data
    throw registryError(`${url.host} was asked for a token and gave none`, answer.status)
  }

  /** A login goes there: over TLS, or on this machine where the registry itself is. */
  #realm(realm: string): URL {
    const url = URL.canParse(realm) ? new URL(realm) : undefined
    if (url !== undefined && (url.protocol === 'https:' || (isLocal(url) && isLocal(new URL(this.#options.origin)))))
      return url
    throw registryError(`The registry sends to ${realm.slice(0, 200)} for a token, expected an https address`, 401)
  }
}

/** On this machine, where plain http is fine. */
export function isLocal({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  const real = cause instanceof Error ? cause : error
  return real instanceof Error ? real.message || real.name : String(real)
}

function byGet(url: URL, query: URLSearchParams, login: Login | undefined) {
  const asked = new URL(url)
  for (const [key, value] of query) asked.searchParams.append(key, value)
  return { url: asked.href, headers: login === undefined ? {} : { authorization: basicOf(login) } }
}

/** OAuth2, as Docker does with what it keeps as `identitytoken`. */
function byPost(url: URL, query: URLSearchParams, login: Login) {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'pipi-engines' })
  for (const key of new Set(query.keys())) form.set(key, query.getAll(key).join(' '))
  form.set('refresh_token', login.identityToken ?? '')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { url: url.href, method: 'POST', headers, body: form.toString() }
}

function basicOf({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
