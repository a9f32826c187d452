/**
 * Runs work in which errors carry no stacks. The SDK of the programs makes one for every promise and every resource, and
 * nobody reads them: without, a program takes 3 ms instead of 16. Errors keep their words.
 */
export async function withoutStacks<T>(work: () => Promise<T>): Promise<T> {
  const errors: { stackTraceLimit: number; prepareStackTrace?: typeof Error.prepareStackTrace } = Error
  const { stackTraceLimit, prepareStackTrace } = errors
  errors.stackTraceLimit = 0
  errors.prepareStackTrace = () => ''
  try {
    return await work()
  } finally {
    errors.stackTraceLimit = stackTraceLimit
    if (prepareStackTrace === undefined) delete errors.prepareStackTrace
    else errors.prepareStackTrace = prepareStackTrace
  }
}
