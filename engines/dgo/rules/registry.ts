import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

/** What the starter plan of the registry holds; it refuses more by itself. */
const STARTER_MIB = 500

export const registry: Record<string, ResourceRule> = {
  'digitalocean:index/containerRegistry:ContainerRegistry': ruleById(
    'digitalocean:index/containerRegistry:ContainerRegistry',
    (inputs) => textAt(inputs, 'name') ?? null,
    {
      stateful: true,
      demand: () =>
        takes(
          amount('do-registry-starter.repositories', 1, 'proven', 'one repository, and the plan refuses a second'),
          amount('do-registry-starter.storage', STARTER_MIB, 'proven', `all ${STARTER_MIB} MiB of the plan`),
        ),
    },
  ),
}
