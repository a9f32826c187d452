/**
 * A connection that is away reports an error per retry, tens of thousands a minute. This lets the first through, then
 * at most one per `everyMs`, with how many were left out.
 */
export function quiet(log: (message: string, leftOut: number) => void, everyMs = 5_000): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY
  let leftOut = 0
  return (error) => {
    const now = performance.now()
    if (now - last < everyMs) {
      leftOut += 1
      return
    }
    last = now
    log(error.message || error.name, leftOut)
    leftOut = 0
  }
}
