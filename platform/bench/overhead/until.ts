import { type FinalStatus, isFinal, statusSchema } from '../../../factory/contract/status.ts'
import type { Client } from '../../cli/client.ts'
import { events } from '../../cli/events.ts'

/** Resolves as soon as the event stream says that a deployment has ended. */
export async function until(client: Client, deployment: string): Promise<FinalStatus> {
  const leaving = new AbortController()
  try {
    for await (const event of events(client, `/v1/events?deployment=${deployment}`, leaving.signal)) {
      if (event.name !== 'status') continue
      const status = statusSchema.parse(event.data.status)
      if (isFinal(status)) return status
    }
  } finally {
    leaving.abort()
  }
  throw new Error(`the events of ${deployment} ended before it did`)
}
