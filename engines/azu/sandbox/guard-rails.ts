import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'

/** What an owner protects a subscription with. */
export const guardRails: Record<string, SimulatedResource> = {
  'azure-native:resources:ResourceGroup': {
    replaceOn: ['resourceGroupName', 'location'],
    create: async (inputs, world) => ({
      id: `/subscriptions/${world.cloudAccount}/resourceGroups/${String(inputs.resourceGroupName)}`,
      outputs: { ...inputs, name: inputs.resourceGroupName },
    }),
    async delete(stored, world) {
      const inside = (await world.list()).find((one) => one.id.startsWith(`${stored.id}/`))
      if (inside !== undefined) throw new Error(`Code="ResourceGroupNotEmpty" Message="It still holds ${inside.id}."`)
    },
  },
  'azure-native:authorization:PolicyDefinition': {
    replaceOn: ['policyDefinitionName'],
    create: async (inputs, world) => ({
      id: `/subscriptions/${world.cloudAccount}/providers/Microsoft.Authorization/policyDefinitions/${String(inputs.policyDefinitionName)}`,
      outputs: { ...inputs, name: inputs.policyDefinitionName },
    }),
    async delete(stored, world) {
      const assigned = (await world.list('azure-native:authorization:PolicyAssignment')).some(
        (one) => one.inputs.policyDefinitionId === stored.id,
      )
      if (assigned) throw new Error('Code="PolicyDefinitionInUse" Message="The policy definition is still assigned."')
    },
  },
  'azure-native:authorization:PolicyAssignment': {
    replaceOn: ['policyAssignmentName', 'scope'],
    async create(inputs, world) {
      const definitions = await world.list('azure-native:authorization:PolicyDefinition')
      if (!definitions.some((one) => one.id === inputs.policyDefinitionId))
        throw new Error(
          `Code="PolicyDefinitionNotFound" Message="The policy definition '${String(inputs.policyDefinitionId)}' could not be found."`,
        )
      const name = String(inputs.policyAssignmentName)
      return {
        id: `${String(inputs.scope)}/providers/Microsoft.Authorization/policyAssignments/${name}`,
        outputs: { ...inputs, name },
      }
    },
  },
  'azure-native:consumption:Budget': {
    replaceOn: ['budgetName', 'scope'],
    async check(inputs) {
      const start = (inputs.timePeriod as { startDate?: string } | undefined)?.startDate
      const reason = 'Code="400" Message="Start date should be the first of a month."'
      return {
        failures: /^\d{4}-\d\d-01T/.test(String(start)) ? [] : [{ property: 'timePeriod.startDate', reason }],
      }
    },
    create: async (inputs) => ({
      id: `${String(inputs.scope)}/providers/Microsoft.Consumption/budgets/${String(inputs.budgetName)}`,
      outputs: { ...inputs, name: inputs.budgetName, currentSpend: { amount: 0, unit: 'USD' } },
    }),
  },
}
