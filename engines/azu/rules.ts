import type { Engine, ResourceRule } from '../contract/engine.ts'
import { containers } from './rules/containers.ts'
import { databases } from './rules/databases.ts'
import { hosting } from './rules/hosting.ts'
import { machines } from './rules/machines.ts'
import { own } from './rules/own.ts'
import { walls } from './rules/walls.ts'
import { APP_MEMORY_MB, FUNCTION_S } from './sizes.ts'

/** What needs more than the catalogue's own words; the other types, and the never free ones, come from there. */
export const rules: Record<string, ResourceRule> = {
  ...hosting,
  ...containers,
  ...databases,
  ...machines,
  ...own,
  ...walls,
}

export const noCarrier: Engine['noCarrier'] = {
  container: "Azure's container registry has no free part (5 USD a month), so nothing here could keep its image",
  job: 'timers need a storage account, which is free for the first 12 months only, or a container, whose registry has no free part',
  store: 'storage accounts are free for the first 12 months only',
}

export const refuses: Engine['refuses'] = (component) => {
  if ('domains' in component && component.domains.length > 0)
    return 'names of its own are not set up here: the free App Service plan has none, and those of Static Web Apps wait for DNS'
  if ('memoryMb' in component && component.memoryMb > APP_MEMORY_MB)
    return `it asks for ${component.memoryMb} MiB, and what is free has ${APP_MEMORY_MB}`
  if (component.kind === 'service' && component.runtime === 'jvm')
    return 'a JVM has no free carrier here: the free App Service plan has an hour of CPU a day, and starts Node servers'
  if (component.kind === 'function' && component.timeoutS > FUNCTION_S)
    return `it may take ${component.timeoutS} s, and a function of a Static Web App is cut off after ${FUNCTION_S}`
  return undefined
}
