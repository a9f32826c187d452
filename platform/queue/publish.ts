import { PipiError } from '../../catalog/errors.ts'
import { openQueue, type QueueHandle } from './backend.ts'
import { jobId, type QueueConnection } from './connection.ts'
import { JOB_NAME, JOB_SETTINGS } from './settings.ts'

/** The commander's end of the queues. Everything in them can be rebuilt from the truth: losing them loses nothing. */
export interface Publisher {
  /** Adding the same attempt twice adds it once. */
  add(engine: string, deployment: string, attempt: number): Promise<void>
  has(engine: string, deployment: string, attempt: number): Promise<boolean>
  /** Jobs that wait or run. */
  depth(engine: string): Promise<number>
  close(): Promise<void>
}

/** A queue that does not answer within this time is treated as away, milliseconds. */
const TIMEOUT_MS = 5_000

export function openPublisher(at: QueueConnection, onError: (engine: string, error: Error) => void): Publisher {
  const queues = new Map<string, QueueHandle>()
  const queueOf = (engine: string): QueueHandle => {
    const known = queues.get(engine)
    if (known) return known
    const queue = openQueue(at, engine, JOB_SETTINGS, (error) => onError(engine, error))
    queues.set(engine, queue)
    return queue
  }

  /**
   * One that was opened while its backend was away keeps that first failure for ever: whatever fails is opened anew
   * with the next call.
   */
  const ask = async <T>(engine: string, call: (queue: QueueHandle) => Promise<T>): Promise<T> => {
    const queue = queueOf(engine)
    try {
      return await timely(engine, call(queue))
    } catch (error) {
      if (queues.get(engine) === queue) queues.delete(engine)
      queue.close().catch((cause: Error) => onError(engine, cause))
      throw error
    }
  }

  return {
    async add(engine, deployment, attempt) {
      await ask(engine, (queue) => queue.add(JOB_NAME, { id: deployment }, { jobId: jobId(deployment, attempt) }))
    },
    async has(engine, deployment, attempt) {
      return (await ask(engine, (queue) => queue.getJob(jobId(deployment, attempt)))) !== undefined
    },
    async depth(engine) {
      const counts = await ask(engine, (queue) => queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized'))
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    },
  }
}

async function timely<T>(engine: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PipiError('platform.busy', `the queue of ${engine} did not answer within ${TIMEOUT_MS} ms`))
    }, TIMEOUT_MS)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}
