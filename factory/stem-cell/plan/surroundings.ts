import type { StackState } from '../../../stacks/state/read.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import type { Carriage } from '../carriage.ts'
import { platformOf } from '../platform-of.ts'

/** Asks the platform for what the engine's programs have to name: they cannot ask, since a plan runs without a platform. */
export async function lookRound(carriage: Carriage, state: StackState): Promise<void> {
  const { birth, order } = carriage
  if (birth.engine.surroundings === undefined || order.kind === 'destroy' || order.kind === 'secure') return
  const platform = platformOf(carriage)
  try {
    carriage.surroundings = await birth.engine.surroundings({
      account: order.cloudAccount,
      region: order.region,
      platform,
      standing: state.resources
        .filter((each) => isAtPlatform(each) && !each.pendingDelete)
        .map(({ type, urn, inputs, outputs }) => ({
          type,
          name: nameOfUrn(urn),
          inputs: plain(inputs),
          outputs: plain(outputs),
        })),
    })
  } finally {
    platform.close()
  }
}
