import type { Engine, ResourceRule } from '../contract/engine.ts'
import { data } from './rules/data.ts'
import { functions } from './rules/functions.ts'
import { identities } from './rules/identities.ts'
import { machines } from './rules/machines.ts'
import { registry } from './rules/registry.ts'
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
  ...registry,
  ...identities,
  ...walls,
}

/** Each kind has a carrier here. */
export const noCarrier: Engine['noCarrier'] = {}

/** MiB: the largest function, and the largest container. */
const LARGEST_MB = 32_768

export const refuses: Engine['refuses'] = (component) => {
  const { kind } = component
  if (kind === 'database' && component.model === 'relational')
    return 'no relational database has a free part: Firestore holds keys and documents'
  if (kind === 'service' && component.runtime === 'jvm')
    return 'a JVM has no free carrier as a service here, since functions start a Node server: as a container the same jar runs on a base image with a JVM'
  const carrier = kind === 'container' ? 'container' : 'function'
  if ('domains' in component && component.domains.length > 0)
    return `the address of a ${carrier} takes no name of its own without a load balancer, which is never free, or a domain mapping, which is a preview for containers only`
  if ('memoryMb' in component && component.memoryMb > LARGEST_MB)
    return `a ${carrier} has ${LARGEST_MB} MiB at most, and ${component.memoryMb} were asked for`
  return undefined
}
