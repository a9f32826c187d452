import { totalmem } from 'node:os'
import { PipiError } from '../../../catalog/errors.ts'

/** Of the host's memory: what it promises is a half, and the rest of the other half is the system's and the platform's. */
const SHARE = 0.25

/**
 * Memory for releases that run beside their successors. While both run both count: the ledger holds the new one, and what
 * the old one holds is taken from here until it has gone. Who finds no room waits for those before it; one alone always
 * finds room, however large it is.
 */
export class SwitchingRoom {
  readonly #most: number
  #taken = 0
  readonly #waiting: { memory: number; come: () => void }[] = []

  /** MiB. */
  constructor(most: number = hostMemory() * SHARE) {
    this.#most = most
  }

  /**
   * Room for a release of `memory` MiB beside its successor. Returns how to give it back. Throws `platform.busy` after
   * `ms`, and the signal's reason when that is aborted first.
   */
  async beside(memory: number, ms: number, signal: AbortSignal): Promise<() => void> {
    if (memory === 0) return () => undefined
    signal.throwIfAborted()
    if (this.#waiting.length > 0 || !this.#fits(memory)) {
      await this.#turn(memory, AbortSignal.any([signal, AbortSignal.timeout(ms)])).catch((cause: unknown) => {
        signal.throwIfAborted()
        throw new PipiError('platform.busy', 'Too many releases of this host are being switched right now', {
          hint: 'Old and new run side by side, and memory for that is limited. Try again in a moment.',
          cause,
        })
      })
    } else this.#taken += memory
    let given = false
    return () => {
      if (given) return
      given = true
      this.#taken -= memory
      this.#next()
    }
  }

  #turn(memory: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(me), 1)
        reject(signal.reason)
        this.#next()
      }
      const me = {
        memory,
        come: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      this.#waiting.push(me)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined && this.#fits(first.memory); first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#taken += first.memory
      first.come()
    }
  }

  #fits(memory: number): boolean {
    return this.#taken === 0 || this.#taken + memory <= this.#most
  }
}

/** MiB: of the container where that has less than the machine. */
function hostMemory(): number {
  const constrained = process.constrainedMemory()
  return (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()) / 1024 ** 2
}
