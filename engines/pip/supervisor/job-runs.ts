import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { removeForGood } from './atomic-file.ts'
import { readKept, writeKept } from './kept-file.ts'
import { type JobRun, jobRunSchema } from './spec.ts'

const KEPT = 20

/** The last runs of a job, on the disk before each begins. */
export class JobRuns {
  readonly #path: string
  #runs: JobRun[]

  /** A run that has no end was cut off with the supervisor that began it. */
  static async open(path: string): Promise<JobRuns> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const runs = (await readKept(path, z.array(jobRunSchema))) ?? []
    return new JobRuns(
      path,
      runs.map((run) =>
        run.ended === undefined
          ? { ...run, ended: run.started, outcome: 'was cut off with its supervisor', ok: false }
          : run,
      ),
    )
  }

  private constructor(path: string, runs: JobRun[]) {
    this.#path = path
    this.#runs = runs
  }

  /** The latest time of the schedule that was run, milliseconds; 0: none. */
  lastTime(): number {
    return this.#runs.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), 0)
  }

  newestFirst(): JobRun[] {
    return [...this.#runs].reverse()
  }

  async begin(run: JobRun): Promise<void> {
    this.#runs = [...this.#runs, run].slice(-KEPT)
    await writeKept(this.#path, this.#runs)
  }

  async end(run: JobRun): Promise<void> {
    this.#runs = this.#runs.map((one) => (one.at === run.at ? run : one))
    await writeKept(this.#path, this.#runs)
  }

  async remove(): Promise<void> {
    await removeForGood(this.#path)
  }
}
