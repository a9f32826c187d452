import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ERRORS, type ErrorCode, PipiError } from '../../../catalog/errors.ts'
import type { HostState } from '../../contract/hosts.ts'
import type { DatabaseSpec, DatabaseStatus } from '../supervisor/databases/spec.ts'
import { readIdentity } from '../supervisor/identity.ts'
import type { ProcessSpec, ProcessStatus, StoreSpec, StoreStatus } from '../supervisor/spec.ts'

/** What a link tells beside the state: MiB of the machine, and what its owner promised of it. */
export interface LinkStatus extends HostState {
  machine?: { memoryMib: number; diskFreeMib: number }
  limits: { memoryMb: number; diskMb: number }
}

/** How long a supervisor that is being started again is waited for, milliseconds. */
const PATIENCE_MS = 15_000

/**
 * What a host's supervisor is asked, over its HTTP API. Errors are the supervisor's own. All it may be asked can be
 * asked twice with the same outcome; so whatever a supervisor that was killed did not answer is asked again of the next.
 */
export class SupervisorClient {
  /** Read each time: it holds the token and the port, which may be another after a restart. */
  readonly #identity: string
  readonly #patienceMs: number

  /** `address` as the supervisor printed it. */
  constructor(address: string, patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs
    this.#identity = fileURLToPath(`file://${new URL(address).hash.slice(1)}`)
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

  async store(name: string): Promise<StoreStatus | undefined> {
    return (await this.#ask('GET', `stores/${encodeURIComponent(name)}`)) as StoreStatus | undefined
  }

  async stores(): Promise<StoreStatus[]> {
    return (await this.#ask('GET', 'stores')) as StoreStatus[]
  }

  async setStore(spec: StoreSpec): Promise<StoreStatus> {
    return (await this.#ask('PUT', `stores/${encodeURIComponent(spec.name)}`, spec)) as StoreStatus
  }

  /** With all that is in it. */
  async removeStore(name: string): Promise<void> {
    await this.#ask('DELETE', `stores/${encodeURIComponent(name)}`)
  }

  async database(name: string): Promise<DatabaseStatus | undefined> {
    return (await this.#ask('GET', `databases/${encodeURIComponent(name)}`)) as DatabaseStatus | undefined
  }

  async databases(): Promise<DatabaseStatus[]> {
    return (await this.#ask('GET', 'databases')) as DatabaseStatus[]
  }

  /** Returns once it takes connections. */
  async setDatabase(spec: DatabaseSpec): Promise<DatabaseStatus> {
    return (await this.#ask('PUT', `databases/${encodeURIComponent(spec.name)}`, spec)) as DatabaseStatus
  }

  /** With all that is in it. */
  async removeDatabase(name: string): Promise<void> {
    await this.#ask('DELETE', `databases/${encodeURIComponent(name)}`)
  }

  /** Whether that host can have databases, and why not. */
  async postgres(): Promise<{ ready: boolean; why?: string }> {
    return (await this.#ask('GET', 'postgres')) as { ready: boolean; why?: string }
  }

  /** Whether a release is there, so that it can be run without its source. */
  async hasRelease({ name, digest }: Pick<ProcessSpec, 'name' | 'digest'>): Promise<boolean> {
    return (await this.#ask('GET', `releases/${encodeURIComponent(name)}/${digest}`)) !== undefined
  }

  /** Whether what runs there can have names of its own, and why not. */
  async names(): Promise<{ ready: boolean; why?: string }> {
    return (await this.#ask('GET', 'names')) as { ready: boolean; why?: string }
  }

  /** Whether containers can be kept apart there, and what is missing. */
  async walls(): Promise<{ ready: boolean; why?: string }> {
    return (await this.#ask('GET', 'walls')) as { ready: boolean; why?: string }
  }

  /** How a host elsewhere is, as its link says; undefined for this machine. */
  async link(): Promise<LinkStatus | undefined> {
    return (await this.#ask('GET', 'link')) as LinkStatus | undefined
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body)
    const answer: unknown = await response.json()
    if (response.ok) return answer
    if (response.status === 404) return undefined
    throw toError(answer, response.status)
  }

  async #send(method: string, path: string, body: unknown): Promise<Response> {
    const patience = performance.now() + this.#patienceMs
    for (;;) {
      try {
        const { token, port } = await readIdentity(this.#identity)
        return await fetch(new URL(path, `http://127.0.0.1:${port}`), {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
      } catch (error) {
        if (!isGone(error) || performance.now() > patience) throw unreachable(error)
        await delay(100)
      }
    }
  }
}

const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ENOENT'])

function isGone(error: unknown): boolean {
  const code = (error as { cause?: { code?: unknown } }).cause?.code ?? (error as { code?: unknown }).code
  return typeof code === 'string' && GONE.has(code)
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
