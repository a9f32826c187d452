import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { OWN } from '../own-types.ts'
import { ruleAt } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

/** What it holds is held by the app or account that it belongs to. */
const free = { demand: () => takes() }

/** What our own provider does: contents of apps, and what lets one into a database. */
export const own: Record<string, ResourceRule> = {
  ...ruleAt(OWN.siteContent, free, null, (inputs) => below(inputs, 'Microsoft.Web/staticSites', 'siteName', 'content')),
  ...ruleAt(OWN.appContent, free, null, (inputs) => below(inputs, 'Microsoft.Web/sites', 'appName', 'content')),
  ...ruleAt(OWN.accountKey, free, null, (inputs) =>
    below(inputs, 'Microsoft.DocumentDB/databaseAccounts', 'accountName', 'key'),
  ),
  // It stands nowhere but in the state: what a crash lost is made anew, and its server gets the new one.
  ...ruleAt(OWN.password, free, null, (inputs) => {
    const name = textAt(inputs, 'name')
    return name === undefined ? null : () => `password/${name}`
  }),
}

function below(inputs: Inputs, kind: string, key: string, part: string): ((subscription: string) => string) | null {
  const [group, name] = [textAt(inputs, 'resourceGroupName'), textAt(inputs, key)]
  return group === undefined || name === undefined
    ? null
    : (subscription) => `/subscriptions/${subscription}/resourceGroups/${group}/providers/${kind}/${name}/${part}`
}
