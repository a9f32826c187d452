import type { Engine, ResourceRule } from '../contract/engine.ts'
import { delivery } from './rules/delivery.ts'
import { identity } from './rules/identity.ts'
import { lambda } from './rules/lambda.ts'
import { messages } from './rules/messages.ts'
import { tables } from './rules/tables.ts'
import { walls } from './rules/walls.ts'
import { watching } from './rules/watching.ts'

/** What each type takes. The never free and the ended ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = {
  ...lambda,
  ...identity,
  ...watching,
  ...tables,
  ...messages,
  ...delivery,
  ...walls,
}

/** Both kinds of component have a carrier here. */
export const noCarrier: Engine['noCarrier'] = {}

export const refuses: Engine['refuses'] = (component) =>
  component.kind === 'service' && component.runtime === 'jvm'
    ? 'a JVM has no free carrier here: functions start a Node server'
    : undefined
