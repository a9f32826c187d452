import type { World } from '../../../stacks/contract/sandbox.ts'
import { projectOf } from './identify.ts'

export const FUNCTION = 'gcp:cloudfunctionsv2/function:Function'
export const SERVICE = 'gcp:cloudrunv2/service:Service'
/** Each function has a service of its own name behind it, which is what is called. */
export const INVOKER = 'gcp:cloudrunv2/serviceIamMember:ServiceIamMember'

export function idOf(world: World, kind: 'functions' | 'services', location: string, name: string): string {
  return `projects/${projectOf(world.cloudAccount)}/locations/${location}/${kind}/${name}`
}
