import { isBuilt } from '../contract/component.ts'
import type { Engine, ResourceRule } from '../contract/engine.ts'
import { MOST_MB, memoryOf } from './machine/size.ts'
import { databases } from './rules/databases.ts'
import { machines } from './rules/machines.ts'
import { network } from './rules/network.ts'
import { own } from './rules/own.ts'
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
  ...own,
  ...walls,
}

/** MiB in the 20 GB of a free database. */
const DATABASE_MB = 19_073

export const refuses: Engine['refuses'] = (component) => {
  if (component.kind === 'database' && component.sizeMb > DATABASE_MB)
    return `it may become ${component.sizeMb} MiB, and a free database holds ${DATABASE_MB}`
  if (!isBuilt(component)) return undefined
  if ('domains' in component && component.domains.length > 0)
    return 'its machine answers plain HTTP at an address of its own, and has no certificate for a name'
  if (memoryOf(component) > MOST_MB)
    return `it asks for ${memoryOf(component)} MiB, and the whole free machine has ${MOST_MB} for components`
  return undefined
}

export const advises: Engine['advises'] = (failure) =>
  /out of host capacity/i.test(failure)
    ? 'all free machines of that place are taken just now, and come back as others leave: nothing costs anything meanwhile; deploy again in some hours, or take another engine'
    : undefined
