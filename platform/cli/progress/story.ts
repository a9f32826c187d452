import { setTimeout as pause } from 'node:timers/promises'
import { isFinal } from '../../../factory/contract/status.ts'
import type { Client } from '../client.ts'
import { events } from '../events.ts'
import { deploymentSchema, listOf, type ShownStoryLine, storyLineSchema } from '../wire.ts'

/**
 * Every line of a deployment's story, those already told first, until it has ended or `signal` is aborted. Lines are
 * read from the truth by number; an event only says that there are more.
 */
export async function* followStory(client: Client, path: string, signal: AbortSignal): AsyncGenerator<ShownStoryLine> {
  let after = 0
  const wake = new Wake()
  const listening = listen(client, path, signal, wake)
  try {
    while (!signal.aborted) {
      // Asked before reading: what is told between the two is read in the next round.
      const { status } = deploymentSchema.parse(await client.get(path))
      for (;;) {
        const lines = listOf(await client.get(`${path}/story`, { after: String(after) }), 'story').map((it) =>
          storyLineSchema.parse(it),
        )
        yield* lines
        const last = lines.at(-1)?.seq
        if (last === undefined || last <= after) break
        after = last
      }
      if (isFinal(status)) return
      await wake.wait(signal)
    }
  } finally {
    wake.stop()
    await listening
  }
}

async function listen(client: Client, path: string, signal: AbortSignal, wake: Wake): Promise<void> {
  const id = path.split('/').at(-1) as string
  const both = AbortSignal.any([signal, wake.stopped])
  // Without events the story is still told, every few seconds.
  try {
    for await (const _ of events(client, `/v1/events?deployment=${id}`, both)) wake.ring()
  } catch {
    wake.ring()
  }
}

/** A bell between the events and the reader: rings are not counted, only whether there was one. */
class Wake {
  readonly #stop = new AbortController()
  #rung = new AbortController()
  readonly #everyMs = 3_000

  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  ring(): void {
    this.#rung.abort()
  }

  stop(): void {
    this.#stop.abort()
  }

  async wait(signal: AbortSignal): Promise<void> {
    await pause(this.#everyMs, undefined, { signal: AbortSignal.any([signal, this.#rung.signal]) }).catch(
      () => undefined,
    )
    this.#rung = new AbortController()
  }
}
