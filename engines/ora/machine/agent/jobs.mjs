import { runOnce } from './program.mjs'

const MINUTE_MS = 60_000

/** What runs at given times (UTC). A job that still runs when its time comes again is left to end. */
export class Jobs {
  #jobs = new Map()
  #running = new Map()
  #minute

  /** All jobs there are now: their spec, with the schedule as lists of values, their release and their own folder. */
  set(jobs) {
    this.#jobs = new Map(jobs.map((job) => [job.spec.name, job]))
  }

  /** Starts what is due in this minute, once. A minute that nobody looked at has gone. */
  tick(now) {
    const minute = Math.floor(now / MINUTE_MS)
    if (this.#minute === minute) return
    const first = this.#minute === undefined
    this.#minute = minute
    // An agent that starts within a minute does not know whether the one before it ran its jobs.
    if (first) return
    for (const [name, { spec }] of this.#jobs) if (isDue(spec.schedule, new Date(now))) void this.run(name)
  }

  /** Resolves to whether it went well; to `undefined` when there is no such job. */
  run(name) {
    const job = this.#jobs.get(name)
    if (job === undefined) return Promise.resolve(undefined)
    const running = this.#running.get(name) ?? runOnce(job.spec, job.release, job)
    this.#running.set(name, running)
    return running.finally(() => this.#running.delete(name))
  }
}

/** With both a day of the month and a weekday given either is enough, as cron has it. */
function isDue({ minutes, hours, days, months, weekdays }, date) {
  if (!minutes.includes(date.getUTCMinutes()) || !hours.includes(date.getUTCHours())) return false
  if (!months.includes(date.getUTCMonth() + 1)) return false
  const [byDate, byWeekday] = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())]
  return days.length < 31 && weekdays.length < 7 ? byDate || byWeekday : byDate && byWeekday
}
