/** Work that is asked for often and done at most once in so many milliseconds; false when it was not its time. */
export function everySome(everyMs: number, work: () => Promise<boolean>): () => Promise<boolean> {
  let doneAt = performance.now()
  return async () => {
    if (performance.now() - doneAt < everyMs) return false
    doneAt = performance.now()
    return work()
  }
}
