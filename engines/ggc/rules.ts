import type { Engine, ResourceRule } from '../contract/engine.ts'
import { data } from './rules/data.ts'
import { functions } from './rules/functions.ts'
import { machines } from './rules/machines.ts'
import { services } from './rules/services.ts'
import { storage } from './rules/storage.ts'
import { walls } from './rules/walls.ts'

/** What each type takes. The never free ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = {
  ...functions,
  ...storage,
  ...machines,
  ...data,
  ...services,
  ...walls,
}

/** Both kinds of component have a carrier here. */
export const noCarrier: Engine['noCarrier'] = {}

export const refuses: Engine['refuses'] = (component) =>
  component.kind === 'service' && component.runtime === 'jvm'
    ? 'a JVM has no free carrier here: functions start a Node server'
    : undefined
