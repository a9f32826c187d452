import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { made } from './made.ts'
import { unreadable } from './quotas.ts'

/** What an owner protects a tenancy with. */
export const guardRails: Record<string, SimulatedResource> = {
  'oci:Limits/quota:Quota': {
    replaceOn: ['compartmentId', 'name'],
    deleteBeforeReplace: true,
    unique: (inputs) => ({
      name: String(inputs.name),
      taken: `409-QuotaAlreadyExists, Quota with name ${String(inputs.name)} already exists`,
    }),
    async check(inputs) {
      const bad = unreadable(inputs)
      const reason = `400-InvalidParameter, Failed to parse statement: ${bad}`
      return { failures: bad === undefined ? [] : [{ property: 'statements', reason }] }
    },
    create: async (inputs, world) => made('quota', inputs, world, { state: 'ACTIVE' }),
  },
  'oci:Budget/budget:Budget': {
    replaceOn: ['compartmentId', 'targetType', 'targets'],
    async check(inputs) {
      const reset = inputs.resetPeriod
      const reason = `expected reset_period to be one of ["MONTHLY"], got ${String(reset)}`
      return {
        failures: reset === 'MONTHLY' ? [] : [{ property: 'resetPeriod', reason }],
      }
    },
    create: async (inputs, world) => made('budget', inputs, world, { state: 'ACTIVE', actualSpend: 0 }),
  },
  'oci:Budget/rule:Rule': {
    replaceOn: ['budgetId'],
    async create(inputs, world) {
      const budget = (await world.list('oci:Budget/budget:Budget')).find((one) => one.id === inputs.budgetId)
      if (budget === undefined) throw new Error('404-NotAuthorizedOrNotFound, Budget not found.')
      const { id, outputs } = made('alertrule', inputs, world, { state: 'ACTIVE' })
      return { id: `budgets/${budget.id}/alertRules/${id}`, outputs }
    },
  },
}
