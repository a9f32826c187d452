import type { Engine, ResourceRule } from '../contract/engine.ts'
import { containers } from './rules/containers.ts'
import { databases } from './rules/databases.ts'
import { hosting } from './rules/hosting.ts'
import { machines } from './rules/machines.ts'
import { walls } from './rules/walls.ts'

/** What needs more than the catalogue's own words; the other types, and the never free ones, come from there. */
export const rules: Record<string, ResourceRule> = { ...hosting, ...containers, ...databases, ...machines, ...walls }

export const noCarrier: Engine['noCarrier'] = {
  site: 'no program here brings files to a Static Web App',
  service: 'no program here brings a service to the free plan, which sleeps and stops after an hour of work a day',
}
