import { PipiError } from '../../catalog/errors.ts'

/** Where the queue lives: in the database beside the truth, or in Redis (or Valkey). */
export type QueueConnection = { kind: 'postgres'; url: string } | { kind: 'redis'; url: string }

export function queueConnection(databaseUrl: string, redisUrl: string | undefined): QueueConnection {
  if (redisUrl === undefined) return { kind: 'postgres', url: databaseUrl }
  const protocol = URL.canParse(redisUrl) ? new URL(redisUrl).protocol : 'none'
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new PipiError('input.invalid', `REDIS_URL must start with redis:// or rediss://, got ${protocol}//…`, {
      hint: 'unset REDIS_URL to keep the queue in PostgreSQL',
    })
  }
  return { kind: 'redis', url: redisUrl }
}

/** One queue per engine, so that an engine sees no other's ids. */
export function queueName(engine: string): string {
  return `engine-${engine}`
}

/** In PostgreSQL each queue has a schema of its own, which the engine's database role alone is granted. */
export function queueSchema(engine: string): string {
  return `queue_${engine}`
}

/** A takeover delivers the same deployment again: each attempt is a job of its own. */
export function jobId(deployment: string, attempt: number): string {
  return `${deployment}-${attempt}`
}
