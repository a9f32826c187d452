import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../../catalog/errors.ts'
import type { HostState } from '../../../contract/hosts.ts'
import type { RemoteHost } from '../schema.ts'
import { Ssh } from '../ssh/ssh.ts'
import { openTunnel } from '../ssh/tunnel.ts'
import { type Raised, raiseSupervisor } from './raise.ts'

/** A way to a host's supervisor that is open. */
export interface Way {
  ssh: Ssh
  /** On 127.0.0.1 here. */
  port: number
  supervisor: Raised
}

export interface LinkTimes {
  /** Before the second try; doubled for each one after it, up to `longest`, milliseconds. */
  first: number
  longest: number
  /** How long whoever asks for something is kept waiting for a host that is away, and for one that is being set up. */
  patience: number
  settingUp: number
}

export const LINK_TIMES: LinkTimes = { first: 500, longest: 30_000, patience: 10_000, settingUp: 240_000 }

/** Errors that trying again does not mend; somebody has to do something first. */
const LASTING = new Set(['host.mismatch', 'toolchain.missing'])

/**
 * Keeps the one way to a host open: connects, raises its supervisor, opens the tunnel, and does so again, ever more
 * slowly, when it broke. What runs there notices nothing of it.
 */
export class Link {
  readonly host: RemoteHost
  readonly #folder: string
  readonly #times: LinkTimes
  readonly #over = new AbortController()
  readonly #watchers = new Set<() => void>()
  #hurry = new AbortController()
  #way: Way | undefined
  #failure: PipiError | undefined
  #since = new Date()
  #running: Promise<void>

  /** `folder` is for the file with the pinned key. */
  constructor(host: RemoteHost, folder: string, times: LinkTimes = LINK_TIMES) {
    this.host = host
    this.#folder = folder
    this.#times = times
    this.#running = this.#keep()
  }

  state(): HostState {
    const since = this.#since.toISOString()
    if (this.#way !== undefined) return { state: 'up', since, keptBy: this.#way.supervisor.keptBy }
    if (this.#failure === undefined) return { state: 'connecting', since }
    return { state: 'away', since, why: this.#failure.message }
  }

  /** The machine as it was when the way was opened. */
  machine(): { memoryMib: number; diskFreeMib: number } | undefined {
    const supervisor = this.#way?.supervisor
    return supervisor && { memoryMib: supervisor.memoryMib, diskFreeMib: supervisor.diskFreeMib }
  }

  /** The open way; waits for it a while, or until `signal`. Throws why the host is away: `platform.unreachable`, or what lasts. */
  async way(signal: AbortSignal = new AbortController().signal): Promise<Way> {
    const ms = this.#failure === undefined ? this.#times.settingUp : this.#times.patience
    const patience = AbortSignal.timeout(ms)
    this.#hurry.abort()
    while (this.#way === undefined && !patience.aborted && !LASTING.has(this.#failure?.code ?? '')) {
      await this.#change(AbortSignal.any([patience, signal, this.#over.signal]))
      signal.throwIfAborted()
      if (this.#over.signal.aborted) break
    }
    if (this.#way !== undefined) return this.#way
    const { name } = this.host
    if (this.#failure === undefined) {
      throw new PipiError('platform.unreachable', `host ${name} was not reached within ${ms / 1000} s`, {
        hint: 'What runs there goes on. See ./pipi hosts, and ./pipi hosts check.',
      })
    }
    const { code, message, hint } = this.#failure
    throw new PipiError(LASTING.has(code) ? code : 'platform.unreachable', `host ${name}: ${message}`, {
      hint: [hint, 'What runs there goes on; ./pipi hosts check says more.'].filter(Boolean).join(' '),
      cause: this.#failure,
    })
  }

  /** Closes the tunnel. What runs there goes on. */
  async close(): Promise<void> {
    this.#over.abort()
    await this.#running
  }

  async #keep(): Promise<void> {
    const { signal } = this.#over
    let wait = this.#times.first
    while (!signal.aborted) {
      try {
        await this.#carry()
        wait = this.#times.first
      } catch (error) {
        this.#set(undefined, PipiError.from(error, 'provider.failed'))
      }
      if (signal.aborted) return
      this.#hurry = new AbortController()
      await delay(wait, undefined, { signal: AbortSignal.any([signal, this.#hurry.signal]) }).catch(() => undefined)
      wait = Math.min(wait * 2, this.#times.longest)
    }
  }

  /** One life of the tunnel. Throws when it does not come to be; returns when it broke or is to end. */
  async #carry(): Promise<void> {
    const { signal } = this.#over
    const ssh = await Ssh.open(this.host.ssh, this.#folder)
    const supervisor = await raiseSupervisor(ssh, this.host)
    if (signal.aborted) return
    const tunnel = await openTunnel(ssh, supervisor.port)
    this.#set({ ssh, port: tunnel.port, supervisor }, undefined)
    const over = new Promise<undefined>((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    )
    const broken = await Promise.race([tunnel.broken, signal.aborted ? undefined : over])
    if (broken === undefined) await tunnel.close()
    this.#set(undefined, PipiError.from(broken ?? new Error('closed'), 'platform.unreachable'))
  }

  #set(way: Way | undefined, failure: PipiError | undefined): void {
    const before = this.state().state
    this.#way = way
    this.#failure = failure
    if (this.state().state !== before) this.#since = new Date()
    for (const watcher of [...this.#watchers]) watcher()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#watchers.add(done)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }
}
