/** What was started and has to end: in the opposite order, each whatever became of the one before. */
export class Closing {
  readonly #steps: { name: string; end(): Promise<unknown> }[] = []

  add(name: string, end: () => Promise<unknown>): void {
    this.#steps.push({ name, end })
  }

  /** Ends everything that was added; asked again, waits for nothing new. */
  async run(onFailure: (name: string, error: unknown) => void): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.end()
      } catch (error) {
        onFailure(step.name, error)
      }
    }
  }
}
