import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ERRORS, type ErrorCode, PipiError } from '../../../catalog/errors.ts'
import { readToken } from '../supervisor/identity.ts'
import type { ProcessSpec, ProcessStatus, ReleaseSpec, ReleaseStatus } from '../supervisor/spec.ts'

/** How long a supervisor that is being started again is waited for, milliseconds. */
const PATIENCE_MS = 10_000

/** What a host's supervisor is asked, over its HTTP API. Errors are the supervisor's own. */
export class SupervisorClient {
  readonly #address: URL

  /** `address` as the supervisor printed it. */
  constructor(address: string) {
    this.#address = new URL(address)
  }

  async release(id: string): Promise<ReleaseStatus | undefined> {
    return (await this.#ask('GET', `releases/${encodeURIComponent(id)}`)) as ReleaseStatus | undefined
  }

  async makeRelease(id: string, spec: ReleaseSpec): Promise<ReleaseStatus> {
    return (await this.#ask('PUT', `releases/${encodeURIComponent(id)}`, spec)) as ReleaseStatus
  }

  async removeRelease(id: string): Promise<void> {
    await this.#ask('DELETE', `releases/${encodeURIComponent(id)}`)
  }

  async process(name: string): Promise<ProcessStatus | undefined> {
    return (await this.#ask('GET', `processes/${encodeURIComponent(name)}`)) as ProcessStatus | undefined
  }

  async processes(): Promise<ProcessStatus[]> {
    return (await this.#ask('GET', 'processes')) as ProcessStatus[]
  }

  /** Returns once it is healthy. */
  async setProcess(spec: ProcessSpec): Promise<ProcessStatus> {
    return (await this.#ask('PUT', `processes/${encodeURIComponent(spec.name)}`, spec)) as ProcessStatus
  }

  async removeProcess(name: string): Promise<void> {
    await this.#ask('DELETE', `processes/${encodeURIComponent(name)}`)
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body)
    const answer: unknown = await response.json()
    if (response.ok) return answer
    if (response.status === 404) return undefined
    throw toError(answer, response.status)
  }

  async #send(method: string, path: string, body: unknown): Promise<Response> {
    const patience = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        // Read each time: the token is the folder's, and the folder may have been made anew.
        const token = await readToken(fileURLToPath(`file://${this.#address.hash.slice(1)}`))
        return await fetch(new URL(path, this.#address.origin), {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
      } catch (error) {
        // Only what never reached a supervisor is sent again.
        if (!isRefused(error) || performance.now() > patience) throw unreachable(error)
        await delay(100)
      }
    }
  }
}

function isRefused(error: unknown): boolean {
  const code = (error as { cause?: { code?: unknown } }).cause?.code ?? (error as { code?: unknown }).code
  return code === 'ECONNREFUSED' || code === 'ENOENT'
}

function unreachable(cause: unknown): PipiError {
  const reason = (cause as { cause?: Error }).cause?.message ?? (cause as Error).message
  return new PipiError('platform.unreachable', `The host's supervisor does not answer: ${reason}`, {
    hint: 'It is started with the platform on its host. What it ran is started again with it.',
    cause,
  })
}

function toError(answer: unknown, status: number): PipiError {
  const { code, message, hint, data } = answer as {
    code?: string
    message?: string
    hint?: string
    data?: Record<string, unknown>
  }
  const known: ErrorCode = code !== undefined && code in ERRORS ? (code as ErrorCode) : 'provider.failed'
  return new PipiError(known, message ?? `The supervisor answered ${status}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(data === undefined ? {} : { data }),
  })
}
