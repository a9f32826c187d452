import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleAt, ruleByArmId } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

const free = { demand: () => takes() }

/** What a subscription's own guard rails are made of has no price. Policies and budgets carry no tags. */
export const walls: Record<string, ResourceRule> = {
  ...ruleAt('azure-native:resources:ResourceGroup', free, 'tags', (inputs) => {
    const name = textAt(inputs, 'resourceGroupName')
    return name === undefined ? null : (subscription) => `/subscriptions/${subscription}/resourceGroups/${name}`
  }),
  ...ruleAt('azure-native:authorization:PolicyDefinition', free, null, (inputs) => {
    const name = textAt(inputs, 'policyDefinitionName')
    return name === undefined
      ? null
      : (subscription) => `/subscriptions/${subscription}/providers/Microsoft.Authorization/policyDefinitions/${name}`
  }),
  ...ruleAt('azure-native:authorization:PolicyAssignment', free, null, (inputs) =>
    inScope(inputs, 'policyAssignmentName', 'Microsoft.Authorization/policyAssignments'),
  ),
  ...ruleAt('azure-native:consumption:Budget', free, null, (inputs) =>
    inScope(inputs, 'budgetName', 'Microsoft.Consumption/budgets'),
  ),
  ...ruleByArmId('azure-native:monitor:ActionGroup', free),
  ...ruleByArmId('azure-native:network:VirtualNetwork', free),
}

function inScope(inputs: Inputs, key: string, kind: string): ((subscription: string) => string) | null {
  const [scope, name] = [textAt(inputs, 'scope'), textAt(inputs, key)]
  return scope === undefined || name === undefined ? null : () => `${scope}/providers/${kind}/${name}`
}
