import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { isPolicy } from './identities.ts'
import { named, oneOf, text } from './inputs.ts'

const BUDGET = 'aws:budgets/budget:Budget'
/** What a budget counts where it says of anything whether it counts it. */
const COSTS = {
  includeCredit: true,
  includeDiscount: true,
  includeOtherSubscription: true,
  includeRecurring: true,
  includeRefund: true,
  includeSubscription: true,
  includeSupport: true,
  includeTax: true,
  includeUpfront: true,
  useAmortized: false,
  useBlended: false,
}
/** Characters without white space. */
const LARGEST_POLICY = 6144

/** What an owner protects an account with. */
export const guardRails: Record<string, SimulatedResource> = {
  'aws:iam/policy:Policy': {
    tagProperty: 'tags',
    replaceOn: ['name', 'path', 'description'],
    deleteBeforeReplace: true,
    unique: named(
      'name',
      (name) => `creating IAM Policy (${name}): EntityAlreadyExists: A policy called ${name} already exists.`,
    ),
    async check(inputs) {
      const policy = text(inputs, 'policy')
      if (policy !== undefined && !isPolicy(policy))
        return { failures: [{ property: 'policy', reason: '"policy" contains an invalid JSON policy' }] }
      return { inputs: { path: '/', ...inputs } }
    },
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      refuseLong(name, text(inputs, 'policy') ?? '')
      const arn = `arn:aws:iam::${world.cloudAccount}:policy${text(inputs, 'path') ?? '/'}${name}`
      return { id: arn, outputs: { ...inputs, name, arn, attachmentCount: 0, tagsAll: inputs.tags ?? {} } }
    },
    async update(_id, inputs, old) {
      refuseLong(String(old.outputs.name), text(inputs, 'policy') ?? '')
      return { outputs: { ...old.outputs, ...inputs, tagsAll: inputs.tags ?? {} } }
    },
  },
  'aws:iam/user:User': {
    tagProperty: 'tags',
    replaceOn: ['name'],
    deleteBeforeReplace: true,
    unique: named(
      'name',
      (name) => `creating IAM User (${name}): EntityAlreadyExists: User with name ${name} already exists.`,
    ),
    check: async (inputs) => ({ inputs: { path: '/', forceDestroy: false, ...inputs } }),
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      const arn = `arn:aws:iam::${world.cloudAccount}:user${text(inputs, 'path') ?? '/'}${name}`
      return { id: name, outputs: { ...inputs, name, arn, tagsAll: inputs.tags ?? {} } }
    },
  },
  'aws:iam/userPolicyAttachment:UserPolicyAttachment': {
    replaceOn: ['user', 'policyArn'],
    async create(inputs, world) {
      const [user, policy] = [text(inputs, 'user') ?? '', text(inputs, 'policyArn') ?? '']
      if (!(await world.list('aws:iam/user:User')).some((one) => one.id === user))
        throw new Error(
          `attaching IAM Policy (${policy}) to IAM User (${user}): NoSuchEntity: The user with name ${user} cannot be found.`,
        )
      return { id: `${user}/${policy}`, outputs: { ...inputs } }
    },
  },
  [BUDGET]: {
    tagProperty: 'tags',
    replaceOn: ['name', 'namePrefix', 'accountId'],
    unique: named('name', (name) => `creating Budget (${name}): DuplicateRecordException: the budget already exists.`),
    check: async (inputs) => ({
      inputs: {
        timePeriodEnd: '2087-06-15_00:00',
        ...inputs,
        ...(inputs.costTypes === undefined ? {} : { costTypes: { ...COSTS, ...(inputs.costTypes as object) } }),
      },
      failures: [
        ...oneOf(inputs, 'budgetType', ['COST', 'USAGE', 'RI_UTILIZATION', 'SAVINGS_PLANS_UTILIZATION']),
        ...oneOf(inputs, 'timeUnit', ['MONTHLY', 'QUARTERLY', 'ANNUALLY', 'DAILY']),
      ],
    }),
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      const account = text(inputs, 'accountId') ?? world.cloudAccount
      return { id: `${account}:${name}`, outputs: { ...inputs, name, accountId: account, tagsAll: inputs.tags ?? {} } }
    },
  },
  'aws:budgets/budgetAction:BudgetAction': {
    tagProperty: 'tags',
    replaceOn: ['accountId', 'actionType', 'budgetName'],
    async create(inputs, world) {
      const budget = text(inputs, 'budgetName')
      if (!(await world.list(BUDGET)).some((one) => one.outputs.name === budget))
        throw new Error(`creating Budget Action: NotFoundException: Unable to get budget: ${budget}`)
      const actionId = `${world.hex(8)}-${world.hex(4)}-${world.hex(4)}-${world.hex(4)}-${world.hex(12)}`
      const accountId = text(inputs, 'accountId') ?? world.cloudAccount
      return {
        id: `${accountId}:${actionId}:${budget}`,
        outputs: { ...inputs, accountId, actionId, status: 'STANDBY', tagsAll: inputs.tags ?? {} },
      }
    },
  },
}

function refuseLong(name: string, policy: string): void {
  if (policy.replaceAll(/\s/g, '').length > LARGEST_POLICY)
    throw new Error(
      `creating IAM Policy (${name}): LimitExceeded: Cannot exceed quota for PolicySize: ${LARGEST_POLICY}`,
    )
}
