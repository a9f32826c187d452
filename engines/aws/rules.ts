import type { Engine, ResourceRule } from '../contract/engine.ts'
import { delivery } from './rules/delivery.ts'
import { identity } from './rules/identity.ts'
import { lambda } from './rules/lambda.ts'
import { messages } from './rules/messages.ts'
import { schedules } from './rules/schedules.ts'
import { tables } from './rules/tables.ts'
import { walls } from './rules/walls.ts'
import { watching } from './rules/watching.ts'
import { isExpressible } from './schedule-expression.ts'

/** What each type takes. The never free and the ended ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = {
  ...lambda,
  ...identity,
  ...watching,
  ...tables,
  ...messages,
  ...schedules,
  ...delivery,
  ...walls,
}

export const noCarrier: Engine['noCarrier'] = {
  container: 'a function takes an image from the private registry only, and that one has no free part for good',
  store: 'S3 has no free part any more: each byte of it costs money or credits',
}

/** MiB: Lambda's largest function. */
const LARGEST_MB = 10_240

export const refuses: Engine['refuses'] = (component) => {
  const { kind } = component
  if (kind === 'database') {
    return component.model === 'relational'
      ? 'no relational database has a free part for good: DynamoDB holds keys and documents'
      : undefined
  }
  if (kind === 'service' && component.runtime === 'jvm')
    return 'a JVM has no free carrier here: functions start a Node server'
  if ('domains' in component && component.domains.length > 0)
    return 'the address of a function takes no name of its own; only a distribution in front of it would'
  if ('memoryMb' in component && component.memoryMb > LARGEST_MB)
    return `a function has ${LARGEST_MB} MiB at most, and ${component.memoryMb} were asked for`
  if (kind === 'job' && !isExpressible(component.schedule))
    return `EventBridge takes a day of the month or a weekday, and "${component.schedule}" gives both: write two jobs`
  return undefined
}
