import { once } from 'node:events'

/** What is being answered, by the inner port that answers it. */
export class Underway {
  readonly #open = new Map<number, Set<() => void>>()
  #waiting: (() => void)[] = []

  /** `cut` ends it by force. Returns what is called when it ended. */
  begin(port: number, cut: () => void): () => void {
    const open = this.#open.get(port) ?? new Set()
    this.#open.set(port, open.add(cut))
    return () => {
      open.delete(cut)
      if (open.size > 0) return
      if (this.#open.get(port) === open) this.#open.delete(port)
      for (const look of this.#waiting.splice(0)) look()
    }
  }

  /** Resolves when nothing is answered by a port any more; what still is when the patience is over is cut. */
  async over(port: number, patience: AbortSignal): Promise<void> {
    const impatient = patience.aborted ? undefined : once(patience, 'abort')
    while (this.#open.has(port) && !patience.aborted) {
      await Promise.race([impatient, new Promise<void>((resolve) => this.#waiting.push(resolve))])
    }
    for (const cut of this.#open.get(port) ?? []) cut()
    this.#open.delete(port)
  }

  /** Cuts everything. */
  cut(): void {
    for (const open of this.#open.values()) for (const cut of open) cut()
  }
}
