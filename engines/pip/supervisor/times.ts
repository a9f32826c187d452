/** How patient the supervisor is, milliseconds. */
export interface Times {
  /** That a new process has to become healthy. */
  healthy: number
  /** That a process gets to end by itself once it is asked to, and requests when nothing follows it. */
  grace: number
  /** That requests of an older release get to end by themselves, while the new one answers. */
  drain: number
  /** Before the first restart; doubled each time, up to `longest`. */
  restart: number
  longest: number
  /** Running that long, a process is steady: its next restart comes fast again. */
  steady: number
  /** That one answer to a question for its health may take. */
  answer: number
  /** Between two looks at the health of what runs; three bad ones in a row end it. */
  look: number
}

export const TIMES: Times = {
  healthy: 30_000,
  grace: 5000,
  drain: 30_000,
  restart: 250,
  longest: 60_000,
  steady: 60_000,
  answer: 5000,
  look: 10_000,
}
