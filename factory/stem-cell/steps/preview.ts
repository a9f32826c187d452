import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import type { Carriage, Step } from '../carriage.ts'
import { findRoom, takingLines } from '../plan/find-room.ts'
import { sumOf } from '../plan/worst-spend.ts'
import { operate } from './apply.ts'

/** The full preview, for people and approvals: what would change, and nothing changes. */
export const preview: Step = {
  name: 'preview',
  status: 'planning',
  kinds: ['preview'],
  async run(carriage) {
    const { birth, order, grant, story } = carriage
    const lines = takingLines(grant?.lines ?? [])
    const refusal = await findRoom(carriage, lines, (asked) => birth.truth.wouldReserve(order, asked))
    if (refusal !== undefined) story.tell(`deployed now it would be refused: ${refusal.message}`, 'warn', { refusal })
    const result = await operate(carriage, 'preview')
    carriage.outputs = {
      changes: result.changes.map(({ urn, type, operation }) => ({ urn, type, operation })),
      takes:
        carriage.grant?.lines
          .filter((line) => line.operation !== 'delete')
          .map(({ urn, type, amounts }) => ({ urn, type, amounts })) ?? [],
      replacements: [...carriage.replacements].map(([urn, { deleteFirst }]) => ({
        urn,
        sideBySide: deleteFirst === undefined,
        says: saysOf(nameOfUrn(urn), deleteFirst),
      })),
      watched: watchedIn(carriage),
      ...(refusal === undefined ? {} : { refusal }),
    }
  },
}

function saysOf(name: string, deleteFirst: string | undefined): string {
  return deleteFirst === undefined
    ? `replace ${name}: the new one first, since there is room for both`
    : `replace ${name}: delete first, since ${deleteFirst}`
}

/** What may be spent before a reader shows it: each watched meter, and all of them in USD where that is known. */
function watchedIn({ worst = [] }: Carriage): { worst: typeof worst; usd?: number } {
  const usd = sumOf(worst)
  return { worst, ...(usd === undefined ? {} : { usd }) }
}
