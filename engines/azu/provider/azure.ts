import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'

/** One HTTP call; `fetch` in the world. */
export type Send = (url: string, request: RequestInit) => Promise<Response>

export type Credentials = {
  tenantId: string
  clientId: string
  subscriptionId: string
} & ({ clientSecret: string } | { oidcToken: string })

export interface AzureOptions {
  credentials: Credentials
  send: Send
  /** Everything gives up when it is aborted. */
  signal: AbortSignal
  /** Between two looks at something that is under way, and before a call is made again, milliseconds. */
  pauseMs: number
}

/** An identity token in place of a secret (RFC 7523). */
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const ARM = 'https://management.azure.com'
const TRIES = 5
/** A token is not used in its last minute. */
const SPARE_MS = 60_000

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })
const faultSchema = z.object({ error: z.object({ code: z.string().optional(), message: z.string().optional() }) })

/** Azure as the engine's own credentials reach it: Resource Manager, and the services that take its token. */
export class Azure {
  readonly subscription: string
  readonly signal: AbortSignal
  readonly #options: AzureOptions
  #token: Promise<{ value: string; until: number }> | undefined

  constructor(options: AzureOptions) {
    this.#options = options
    this.subscription = options.credentials.subscriptionId
    this.signal = options.signal
  }

  /** A call of Resource Manager, JSON both ways. Undefined on 404. */
  async arm<T>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    version: string,
    form: z.ZodType<T>,
    body?: unknown,
  ): Promise<T | undefined> {
    const answer = await this.call(`${ARM}${path}?api-version=${version}`, {
      method,
      headers: { ...(await this.bearer()), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.status === 404) return undefined
    const given = await jsonOf(answer)
    const parsed = form.safeParse(given)
    if (answer.ok && parsed.success) return parsed.data
    throw failed(`${method} ${path}`, answer.status, given)
  }

  async bearer(): Promise<{ authorization: string }> {
    const known = await this.#token?.catch(() => undefined)
    if (known === undefined || known.until < Date.now()) this.#token = this.#askToken()
    const { value } = await (this.#token as Promise<{ value: string }>)
    return { authorization: `Bearer ${value}` }
  }

  /** Made again when the platform is busy (429, 5xx), as long as it says so itself or a little later each time. */
  async call(url: string, request: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      // A proof is for the host it was given to: no redirect is followed.
      const answer = await this.#options.send(url, { ...request, redirect: 'manual', signal: this.signal })
      if ((answer.status !== 429 && answer.status < 500) || tries === TRIES) return answer
      await answer.body?.cancel()
      const asked = Number(answer.headers.get('retry-after')) * 1000
      await this.pause(asked > 0 ? Math.min(asked, 60_000) : this.#options.pauseMs * 2 ** (tries - 1))
    }
  }

  async pause(ms: number = this.#options.pauseMs): Promise<void> {
    await delay(ms, undefined, { signal: this.signal })
  }

  async #askToken(): Promise<{ value: string; until: number }> {
    const { credentials } = this.#options
    const { tenantId, clientId } = credentials
    const proof: Record<string, string> =
      'oidcToken' in credentials
        ? { client_assertion_type: ASSERTION, client_assertion: credentials.oidcToken }
        : { client_secret: credentials.clientSecret }
    const answer = await this.call(`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        ...proof,
        scope: `${ARM}/.default`,
      }).toString(),
    })
    const parsed = tokenSchema.safeParse(await jsonOf(answer))
    if (!answer.ok || !parsed.success) {
      throw new PipiError('provider.failed', `Microsoft Entra gave no token (${answer.status})`, {
        hint: 'look at ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (or ARM_OIDC_TOKEN): ./pipi account check azu',
      })
    }
    return { value: parsed.data.access_token, until: Date.now() + parsed.data.expires_in * 1000 - SPARE_MS }
  }
}

/** The platform's refusal in its own words. */
export function failed(what: string, status: number, said: unknown): PipiError {
  const fault = faultSchema.safeParse(said)
  const text = typeof said === 'string' ? said.slice(0, 300) : ''
  const words = fault.success ? `${fault.data.error.code ?? ''} ${fault.data.error.message ?? ''}`.trim() : text
  return new PipiError('provider.failed', `Azure answered ${status} to ${what}${words === '' ? '' : `: ${words}`}`)
}

export async function jsonOf(answer: Response): Promise<unknown> {
  const text = await answer.text()
  try {
    return JSON.parse(text)
  } catch {
    // Words where JSON was expected: they are told as they are.
    return text
  }
}
