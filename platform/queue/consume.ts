import type { JobSource } from '../../factory/contract/stem-cell.ts'
import { openWorker } from './backend.ts'
import type { QueueConnection } from './connection.ts'
import { JOB_NAME, WORKER_SETTINGS } from './settings.ts'

/** An engine clone's end of its queue. The job only says which deployment: whether it may be worked on says the truth. */
export function openJobSource(
  at: QueueConnection,
  engine: string,
  clone: string,
  onError: (error: Error) => void,
): JobSource {
  return {
    async start(work, concurrency) {
      const worker = openWorker(
        at,
        engine,
        async (job) => {
          if (job.name === JOB_NAME && typeof job.data.id === 'string') await work(job.data.id)
        },
        { ...WORKER_SETTINGS, concurrency, name: clone },
        onError,
      )
      try {
        await worker.waitUntilReady()
      } catch (error) {
        // It goes on trying by itself, and would keep this process: whoever bore us shall bear another.
        await worker.close(true)
        throw error
      }
      let closed: Promise<void> | undefined
      return {
        drain: () => (closed ??= worker.close()),
        close: () => (closed ??= worker.close(true)),
      }
    },
  }
}
