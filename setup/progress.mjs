/** How often a line is printed where there is no terminal, milliseconds. */
const QUIET_MS = 15_000

/**
 * Says on stderr what is being done, how far it is and for how long: in one line on a terminal, now and then elsewhere.
 *
 * @param {string} what
 * @param {() => string} howFar
 */
export function startProgress(what, howFar) {
  const started = performance.now()
  const live = process.stderr.isTTY === true
  const line = () =>
    `${what}: ${[howFar(), elapsed(performance.now() - started)].filter((part) => part !== '').join(', ')}`
  const show = () => process.stderr.write(live ? `\r\x1b[K${line()}` : `${line()}\n`)
  process.stderr.write(live ? what : `${what}\n`)
  const timer = setInterval(show, live ? 500 : QUIET_MS)
  return {
    /** @param {boolean} well */
    stop(well) {
      clearInterval(timer)
      process.stderr.write(`${live ? '\r\x1b[K' : ''}${well ? '✔' : '✖'} ${line()}\n`)
    },
  }
}

/** @param {number} ms */
function elapsed(ms) {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
