import { PipiError } from '../../../catalog/errors.ts'
import { type Carriage, Refused, type Step } from '../carriage.ts'

/** All meters or none, before anything is created. A destroy and a refresh ask for nothing. */
export const reserve: Step = {
  name: 'reserve',
  status: 'reserving',
  kinds: ['deploy', 'rollback', 'destroy', 'refresh'],
  async run(carriage: Carriage) {
    const { birth, order, grant, story } = carriage
    if (grant === undefined) throw new PipiError('platform.internal', 'nothing was planned')
    const lines = grant.lines.filter((line) => line.operation !== 'delete' && line.amounts.length > 0)
    if (lines.length === 0 || order.kind === 'destroy' || order.kind === 'refresh') return
    const answer = await birth.truth.reserve(
      order,
      lines.map(({ urn, type, amounts }) => ({ urn, type, amounts })),
    )
    if (!answer.ok) throw new Refused(answer.refusal)
    story.tell(`reserved ${lines.length === 1 ? 'one resource' : `${lines.length} resources`} within the free limits`)
  },
}
