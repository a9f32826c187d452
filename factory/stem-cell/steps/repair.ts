import { PipiError } from '../../../catalog/errors.ts'
import { holdsData } from '../../../stacks/contract/rule.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import type { Carriage, Step } from '../carriage.ts'
import { applyAll } from './apply.ts'
import { build } from './build.ts'
import { plan } from './plan.ts'
import { reserve } from './reserve.ts'

/**
 * A refresh that is to set back what it found: the same as a deployment of what stands, through plan, lock and guard, in
 * the state `applying` all along.
 */
export const repair: Step = {
  name: 'repair',
  status: 'applying',
  kinds: ['refresh'],
  async run(carriage) {
    if (!(await isWanted(carriage))) return
    requireNoLostData(carriage)
    carriage.repairing = true
    carriage.story.tell('setting back what was changed')
    await build.run(carriage)
    await plan.run(carriage)
    await reserve.run(carriage)
    await applyAll(carriage, 'up')
    carriage.repaired = true
  },
}

async function isWanted(carriage: Carriage): Promise<boolean> {
  const { birth, order, drift, story } = carriage
  if (drift.length === 0) return false
  if (order.repair !== true && order.manifest.upkeep.drift !== 'repair') {
    story.tell(
      `left as it is: ./pipi refresh ${order.workspace.name} --repair sets it back, and so does a deploy`,
      'warn',
    )
    return false
  }
  if ((await birth.truth.intents(order).open()).length === 0) return true
  story.tell('nothing is set back as long as it is not certain what exists', 'warn')
  return false
}

/** An empty one in its place would look as if all were well. */
function requireNoLostData({ drift, rules, order }: Carriage): void {
  const lost = drift.filter(({ what, type, urn }) => {
    const rule = rules[type]
    return what === 'gone' && rule !== undefined && holdsData(rule, nameOfUrn(urn))
  })
  if (lost.length === 0) return
  const names = lost.map(({ urn, type, id }) => `${nameOfUrn(urn)} (${type} ${id})`).join(', ')
  throw new PipiError('recovery.needs-decision', `what held data is gone from the platform: ${names}`, {
    hint: `restore it there if you can; ./pipi deploy ${order.workspace.name} makes an empty one in its place`,
  })
}
