import type { PlatformReader } from '../../../stacks/contract/find.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

const ACCOUNT = 'gcp:serviceaccount/account:Account'

/** Service accounts and their rights cost nothing; a project has a hundred of the former. */
export const identities: Record<string, ResourceRule> = {
  [ACCOUNT]: {
    ...ruleById(ACCOUNT, () => null, { demand: () => takes() }),
    // Its id holds the project, which the provider knows: it is asked by the short one.
    lookup: (inputs) => ({ accountId: textAt(inputs, 'accountId') ?? null }),
    find: ({ accountId }, platform) => findAccount(accountId, platform),
  },
  'gcp:projects/iAMMember:IAMMember': ruleById('gcp:projects/iAMMember:IAMMember', memberId, {
    demand: () => takes(),
  }),
}

async function findAccount(accountId: unknown, platform: PlatformReader): Promise<string | undefined> {
  try {
    const found = await platform.invoke('gcp:serviceaccount/getAccount:getAccount', { accountId })
    return typeof found.name === 'string' ? found.name : undefined
  } catch (error) {
    // The provider's way of saying that there is none.
    if (error instanceof Error && /\b404\b|not found/i.test(error.message)) return undefined
    throw error
  }
}

function memberId(inputs: Record<string, unknown>): string | null {
  const [project, role, member] = [textAt(inputs, 'project'), textAt(inputs, 'role'), textAt(inputs, 'member')]
  return project === undefined || role === undefined || member === undefined ? null : `${project} ${role} ${member}`
}
