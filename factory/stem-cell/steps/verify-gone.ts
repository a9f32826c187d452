import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import type { Carriage, Condemned, Step } from '../carriage.ts'
import { platformOf } from '../platform-of.ts'

/** Platforms go on showing for a while what they have deleted, milliseconds. */
const PATIENCE_MS = 30_000
const LONGEST_PAUSE_MS = 2_000
const AT_ONCE = 8

/**
 * A destroy is believed when the platform, asked for each thing by its look-up key, knows it no more. What is still
 * there is named, and an open intent keeps it held and lets the next destroy find it.
 */
export const verifyGone: Step = {
  name: 'verify-gone',
  status: 'verifying',
  kinds: ['destroy'],
  skip: ({ condemned }) => condemned.length === 0,
  async run(carriage) {
    const { order, story, condemned, signal } = carriage
    const platform = platformOf(carriage)
    try {
      let look = await lookFor(carriage, platform, condemned)
      const until = performance.now() + Math.min(carriage.birth.deadlineCapMs ?? PATIENCE_MS, PATIENCE_MS)
      for (let pause = 250; look.there.length > 0 && performance.now() < until && !signal.aborted; pause *= 2) {
        await delay(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined)
        const again = await lookFor(carriage, platform, look.there)
        look = { ...again, unknown: [...look.unknown, ...again.unknown] }
      }
      if (look.unknown.length > 0) {
        const names = look.unknown.map(({ urn }) => nameOfUrn(urn)).join(', ')
        story.tell(`the platform says it deleted them, and cannot be asked for them: ${names}`, 'warn')
      }
      if (look.there.length > 0) throw await rest(carriage, look.there)
      story.tell(`the platform knows none of ${countOf(condemned.length)} any more`)
      if (carriage.kept.size > 0) story.tell(`${order.workspace.name} still has what holds its data`)
    } finally {
      platform.close()
    }
  },
}

interface Look {
  there: Condemned[]
  /** Nobody can say. */
  unknown: Condemned[]
}

async function lookFor({ rules, order }: Carriage, platform: PlatformReader, all: readonly Condemned[]): Promise<Look> {
  const look: Look = { there: [], unknown: [] }
  const waiting = [...all]
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      try {
        const found = await rules[one.type]?.find(one.lookup, platform, order.workspace.id)
        if (found !== undefined) look.there.push({ ...one, id: found })
      } catch {
        // What it hung on is gone, or the type cannot be looked up: the provider's own word on its delete stands.
        look.unknown.push(one)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return look
}

async function rest({ birth, order }: Carriage, there: readonly Condemned[]): Promise<PipiError> {
  const intents = birth.truth.intents(order)
  for (const { urn, type, lookup } of there)
    await intents.begin({ urn, type, operation: 'create', lookup, deadlineMs: 0 })
  const names = there.map(({ urn, type, id }) => `${nameOfUrn(urn)} (${type} ${id})`)
  return new PipiError(
    'recovery.needs-decision',
    `${countOf(there.length)} still at the platform: ${names.join(', ')}`,
    {
      hint: `./pipi destroy ${order.workspace.name} --yes goes on from here; until then all of it stays held`,
      data: { lines: names },
    },
  )
}

function countOf(count: number): string {
  return count === 1 ? 'one resource' : `${count} resources`
}
