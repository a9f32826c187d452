import { PipiError } from '../../catalog/errors.ts'
import type { Log } from '../log.ts'

/** What was started and has to end: in the opposite order, each whatever became of the one before. */
export class Closing {
  readonly #steps: { name: string; end(): Promise<unknown> }[] = []

  add(name: string, end: () => Promise<unknown>): void {
    this.#steps.push({ name, end })
  }

  /** Ends everything that was added; asked again, waits for nothing new. */
  async run(log: Log): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const began = performance.now()
      try {
        await step.end()
        log('debug', `${step.name} ended`, { ms: Math.round(performance.now() - began) })
      } catch (error) {
        log('error', `${step.name} did not end well: ${PipiError.from(error).message}`)
      }
    }
  }
}
