import { PipiError } from '../../../catalog/errors.ts'
import { type Carriage, onlyLooks, Refused, type Step } from '../carriage.ts'
import { findRoom, takingLines } from '../plan/find-room.ts'

/** All meters or none, before anything is created. A destroy and a refresh ask for nothing. */
export const reserve: Step = {
  name: 'reserve',
  status: 'reserving',
  kinds: ['deploy', 'rollback', 'destroy', 'refresh', 'suspend', 'resume', 'secure'],
  async run(carriage: Carriage) {
    const { birth, order, grant, story } = carriage
    if (grant === undefined) throw new PipiError('platform.internal', 'nothing was planned')
    const lines = takingLines(grant.lines)
    if (lines.length === 0 || order.kind === 'destroy' || onlyLooks(carriage)) return
    const refusal = await findRoom(carriage, lines, (asked) => birth.truth.reserve(order, asked))
    if (refusal !== undefined) throw new Refused(refusal)
    story.tell(`reserved ${lines.length === 1 ? 'one resource' : `${lines.length} resources`} within the free limits`)
  },
}
