import type { Found, Survey } from '../../contract/watch.ts'
import { listByCloudControl, TYPES } from './survey/cloud-control.ts'
import { findFunctions } from './survey/functions.ts'
import { findLogGroups } from './survey/log-groups.ts'
import { findTables } from './survey/tables.ts'

/** What this survey lists; of other types its silence says nothing. */
export const types: readonly string[] = [
  'aws:lambda/function:Function',
  'aws:cloudwatch/logGroup:LogGroup',
  'aws:dynamodb/table:Table',
  ...Object.values(TYPES).map((one) => one.type),
]

/** Region by region, everything that a meter counts or that costs from its first hour. */
const survey: Survey = async (context) => {
  const found: Found[] = []
  for (const region of context.regions) {
    found.push(...(await findFunctions(context, region)))
    found.push(...(await findLogGroups(context, region)))
    found.push(...(await findTables(context, region)))
    found.push(...(await listByCloudControl(context, region)))
  }
  return found
}

export default survey
