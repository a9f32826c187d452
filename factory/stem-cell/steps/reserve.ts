import { PipiError } from '../../../catalog/errors.ts'
import type { GrantLine } from '../../../stacks/contract/grant.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import type { Refusal, ReserveLine } from '../../contract/truth.ts'
import { type Carriage, Refused, type Step } from '../carriage.ts'

/** All meters or none, before anything is created. A destroy and a refresh ask for nothing. */
export const reserve: Step = {
  name: 'reserve',
  status: 'reserving',
  kinds: ['deploy', 'rollback', 'destroy', 'refresh', 'suspend', 'resume', 'secure'],
  async run(carriage: Carriage) {
    const { birth, order, grant, story } = carriage
    if (grant === undefined) throw new PipiError('platform.internal', 'nothing was planned')
    const lines = grant.lines.filter((line) => line.operation !== 'delete' && line.amounts.length > 0)
    if (lines.length === 0 || order.kind === 'destroy' || order.kind === 'refresh') return
    for (;;) {
      const answer = await birth.truth.reserve(order, lines.map(reserveLine))
      if (answer.ok) break
      const single = doublesIn(lines, answer.refusal)
      if (single.length === 0) throw refusedFor(answer.refusal)
      for (const line of single) deleteFirst(carriage, line, answer.refusal)
    }
    story.tell(`reserved ${lines.length === 1 ? 'one resource' : `${lines.length} resources`} within the free limits`)
  },
}

/** Old and new of a replacement both count until the old one is gone. */
function reserveLine({ urn, type, amounts, sideBySide }: GrantLine): ReserveLine {
  return { urn, type, amounts, ...(sideBySide === true ? { replacing: true } : {}) }
}

/** Whose doubles a refusal may be about: the resource it names, else all that take of its meter. */
function doublesIn(lines: GrantLine[], refusal: Refusal): GrantLine[] {
  if (refusal.code !== 'lock.over-limit') return []
  const double = lines.filter(
    (line) => line.sideBySide === true && line.amounts.some(({ meter }) => meter === refusal.meter),
  )
  const named = double.filter((line) => line.urn === refusal.resource)
  return named.length > 0 ? named : double
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
function refusedFor({ resource, ...refusal }: Refusal): Refused {
  return new Refused(resource === undefined ? refusal : { ...refusal, resource: nameOfUrn(resource) })
}
