import { PipiError } from '../../../catalog/errors.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
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
    const answer = await birth.truth.reserve(
      order,
      lines.map(({ urn, type, amounts }) => ({ urn, type, amounts })),
    )
    if (!answer.ok) {
      const { resource, ...refusal } = answer.refusal
      // People know a resource by its name, as the plan showed it.
      throw new Refused(resource === undefined ? refusal : { ...refusal, resource: nameOfUrn(resource) })
    }
    story.tell(`reserved ${lines.length === 1 ? 'one resource' : `${lines.length} resources`} within the free limits`)
  },
}
