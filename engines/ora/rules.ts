import type { Engine, ResourceRule } from '../contract/engine.ts'
import { databases } from './rules/databases.ts'
import { machines } from './rules/machines.ts'
import { network } from './rules/network.ts'
import { secrets } from './rules/secrets.ts'
import { storage } from './rules/storage.ts'
import { walls } from './rules/walls.ts'
import { watching } from './rules/watching.ts'

/** What each type takes. The never free ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = {
  ...machines,
  ...storage,
  ...databases,
  ...network,
  ...secrets,
  ...watching,
  ...walls,
}

const WHY = 'what is free there is a bare machine with a network of its own, and idle ones are reclaimed'

export const noCarrier: Engine['noCarrier'] = { site: WHY, service: WHY }
