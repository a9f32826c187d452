import type { GrantLine } from '../../../stacks/contract/grant.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import type { Refusal, ReserveLine } from '../../contract/truth.ts'
import type { Carriage } from '../carriage.ts'

/**
 * Asks the ledger for what a grant takes. Old and new of a replacement both count until the old one is gone; where only
 * one fits, the old one is to go first (`sideBySide` of its line), and the story says so. Gives the refusal, as people
 * know its resource, when there is no room even so.
 */
export async function findRoom(
  carriage: Carriage,
  lines: GrantLine[],
  ask: (lines: ReserveLine[]) => Promise<{ ok: true } | { ok: false; refusal: Refusal }>,
): Promise<Refusal | undefined> {
  for (;;) {
    const answer = await ask(lines.map(reserveLine))
    if (answer.ok) return undefined
    const doubles = doublesIn(lines, answer.refusal)
    if (doubles.length === 0) return named(answer.refusal)
    for (const line of doubles) deleteFirst(carriage, line, answer.refusal)
  }
}

/** What has to be held for, of a grant. */
export function takingLines(lines: readonly GrantLine[]): GrantLine[] {
  return lines.filter((line) => line.operation !== 'delete' && line.amounts.length > 0)
}

function reserveLine({ urn, type, amounts, sideBySide }: GrantLine): ReserveLine {
  return { urn, type, amounts, ...(sideBySide === true ? { replacing: true } : {}) }
}

/** Whose doubles a refusal may be about: the resource it names, else all that take of its meter. */
function doublesIn(lines: GrantLine[], refusal: Refusal): GrantLine[] {
  if (refusal.code !== 'lock.over-limit') return []
  const doubles = lines.filter(
    (line) => line.sideBySide === true && line.amounts.some(({ meter }) => meter === refusal.meter),
  )
  const itself = doubles.filter((line) => line.urn === refusal.resource)
  return itself.length > 0 ? itself : doubles
}

function deleteFirst({ story, replacements }: Carriage, line: GrantLine, { meter }: Refusal): void {
  line.sideBySide = false
  const because = `${meter} has room for one only`
  replacements.set(line.urn, { deleteFirst: because })
  story.tell(`replace ${nameOfUrn(line.urn)}: delete first, since ${because}`, 'warn', {
    urn: line.urn,
    type: line.type,
    operation: 'replace',
    status: 'planned',
    sideBySide: false,
  })
}

/** People know a resource by its name, as the plan showed it. */
function named({ resource, ...refusal }: Refusal): Refusal {
  return resource === undefined ? refusal : { ...refusal, resource: nameOfUrn(resource) }
}
