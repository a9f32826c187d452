/** Lets one at a time do something under a name. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  async take<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const mine = before.then(act)
    const over = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(name, over)
    void over.then(() => {
      if (this.#last.get(name) === over) this.#last.delete(name)
    })
    return mine
  }

  get busy(): boolean {
    return this.#last.size > 0
  }

  /** Resolves when those who act now are done. */
  async all(): Promise<void> {
    await Promise.all(this.#last.values())
  }
}
