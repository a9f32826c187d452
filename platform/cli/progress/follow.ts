import { setTimeout as pause } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { isFinal } from '../../../factory/contract/status.ts'
import type { Client } from '../client.ts'
import { events } from '../events.ts'
import { deploymentSchema, type ShownDeployment, type ShownStoryLine, storyLineSchema } from '../wire.ts'

export interface Watcher {
  deployment(deployment: ShownDeployment): void
  line(line: ShownStoryLine): void
}

/** How often the truth is asked even when no event says so: a lost event must not make anybody wait for ever. */
const ASK_AGAIN_MS = 5_000

/** Follows one deployment to its final state by server-sent events, across reconnections. Aborting throws the abort's reason. */
export async function follow(
  client: Client,
  id: string,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<ShownDeployment> {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  let final: ShownDeployment | undefined
  const look = async () => {
    const seen = deploymentSchema.parse(await client.get(`/v1/deployments/${encodeURIComponent(id)}`))
    if (final !== undefined) return
    watcher.deployment(seen)
    if (!isFinal(seen.status)) return
    final = seen
    over.abort()
  }
  const asking = askAgain(look, both)
  try {
    for await (const event of events(client, `/v1/events?deployment=${encodeURIComponent(id)}`, both)) {
      if (event.name === 'story') watcher.line(storyLineSchema.parse(event.data))
      else if (event.name === 'connected' || event.name === 'status') await look().catch(passOver)
      if (final !== undefined) break
    }
    signal.throwIfAborted()
    if (final === undefined) await look()
    return final as unknown as ShownDeployment
  } finally {
    over.abort()
    await asking
  }
}

async function askAgain(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined)
    // The event stream reports what goes wrong for good; asking in between only helps.
    if (!signal.aborted) await look().catch(() => undefined)
  }
}

/** A platform that is away for a moment comes again; the event stream knows when to give up. Anything else is an answer. */
function passOver(error: unknown): void {
  if (!(error instanceof PipiError) || !error.kind.retryable) throw error
}
