import type { Status } from '../contract/status.ts'
import type { EngineTruth, Order, StoryLine } from '../contract/truth.ts'

/** How long lines are gathered before they are told, milliseconds: live enough, and one round trip for many. */
const GATHER_MS = 100
const MOST_LINES = 200
const MOST_TEXT = 2000

export interface Story {
  phase: Status
  tell(text: string, level?: StoryLine['level'], data?: StoryLine['data']): void
  /** All that was told is in the truth, or the lease is lost. */
  flush(): Promise<void>
}

/** The live story of one deployment, told in batches and in order. A story that cannot be told stops no work. */
export function openStory(truth: EngineTruth, order: Order, onLost: (error: unknown) => void): Story {
  let waiting: StoryLine[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> = Promise.resolve()
  const send = () => {
    timer = undefined
    const lines = waiting
    waiting = []
    if (lines.length > 0) sending = sending.then(() => truth.tell(order, lines)).catch(onLost)
  }
  return {
    phase: 'assigned',
    tell(text, level = 'info', data) {
      waiting.push({
        phase: this.phase,
        level,
        text: text.slice(0, MOST_TEXT),
        ...(data === undefined ? {} : { data }),
      })
      if (waiting.length >= MOST_LINES) send()
      else timer ??= setTimeout(send, GATHER_MS)
    },
    async flush() {
      clearTimeout(timer)
      send()
      await sending
    },
  }
}
