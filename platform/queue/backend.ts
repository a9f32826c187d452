import { createPostgresBackend, type Processor, Queue, Worker, type WorkerOptions, withBackend } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { type QueueConnection, queueName, queueSchema } from './connection.ts'

export interface JobData {
  id: string
}

/** What the platform needs of a queue, whichever backend carries it. */
export interface QueueHandle {
  add(name: string, data: JobData, options: { jobId: string }): Promise<unknown>
  getJob(id: string): Promise<unknown>
  getJobCounts(...types: ('waiting' | 'active' | 'delayed' | 'prioritized')[]): Promise<Record<string, number>>
  remove(id: string): Promise<number>
  close(): Promise<void>
}

export interface WorkerHandle {
  waitUntilReady(): Promise<unknown>
  close(force?: boolean): Promise<void>
}

/** No wait for the disk: what a crash takes from the queue, the commander puts in again from the truth. */
const UNHURRIED = '-c synchronous_commit=off'

type OnError = (error: Error) => void

export function openQueue(at: QueueConnection, engine: string, jobs: object, onError: OnError): QueueHandle {
  if (at.kind === 'redis') {
    const connection = redis(at.url, { maxRetriesPerRequest: 1 }, onError)
    // Once it was there: without an offline queue a call fails at once while Redis is away, where otherwise it would
    // not settle before Redis is back.
    connection.once('ready', () => {
      connection.options.enableOfflineQueue = false
    })
    const queue = new Queue<JobData>(queueName(engine), {
      connection,
      defaultJobOptions: jobs,
      skipWaitingForReady: true,
    })
    queue.on('error', onError)
    return closing(queue, connection)
  }
  const { Queue: PostgresQueue } = withBackend(createPostgresBackend)
  const queue = new PostgresQueue<JobData>(queueName(engine), {
    connection: { connectionString: at.url, schema: queueSchema(engine), max: 2, options: UNHURRIED },
    defaultJobOptions: jobs,
  })
  queue.on('error', onError)
  return queue
}

export function openWorker(
  at: QueueConnection,
  engine: string,
  process: Processor<JobData>,
  options: Omit<WorkerOptions, 'connection'>,
  onError: OnError,
): WorkerHandle {
  if (at.kind === 'redis') {
    const connection = redis(at.url, { maxRetriesPerRequest: null }, onError)
    const worker = new Worker<JobData>(queueName(engine), process, { ...options, connection })
    worker.on('error', onError)
    return closing(worker, connection)
  }
  const { Worker: PostgresWorker } = withBackend(createPostgresBackend)
  const worker = new PostgresWorker<JobData>(queueName(engine), process, {
    ...options,
    connection: { connectionString: at.url, schema: queueSchema(engine), max: 3, options: UNHURRIED },
  })
  worker.on('error', onError)
  return worker
}

function redis(url: string, options: RedisOptions, onError: OnError): Redis {
  const connection = new Redis(url, { ...options, retryStrategy: (times) => Math.min(1_000, 50 * times) })
  connection.on('error', onError)
  return connection
}

/** The queue does not close a connection that it was handed: that is ours. */
function closing<T extends { close(force?: boolean): Promise<void> }>(handle: T, connection: Redis): T {
  const close = handle.close.bind(handle)
  handle.close = async (force?: boolean) => {
    await close(force)
    connection.disconnect()
  }
  return handle
}
