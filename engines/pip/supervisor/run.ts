import { PipiError } from '../../../catalog/errors.ts'
import type { Instance } from './instance.ts'
import type { ProcessSpec } from './spec.ts'

/** What is kept running, and the folder of its release. */
export interface Wanted {
  spec: ProcessSpec
  release: string
}

/** One version of a process. */
export class Run {
  readonly wanted: Wanted
  readonly #relieved = new AbortController()
  instance: Instance | undefined
  waiting = false

  constructor(wanted: Wanted) {
    this.wanted = wanted
  }

  get relieved(): AbortSignal {
    return this.#relieved.signal
  }

  relieve(): void {
    this.#relieved.abort(new PipiError('platform.busy', 'The supervisor is ending', { hint: 'Try again in a moment.' }))
  }
}
