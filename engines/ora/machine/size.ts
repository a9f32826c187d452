import { type BuiltComponent, isRunning } from '../../contract/component.ts'
import { MEMORY_FILES_MIB } from '../../parts/container/memory-files.ts'

/** What the system and the agent need beside the components, MiB. */
const SYSTEM_MB = 1024
/** A half of what is free, so that two machines fit. */
const HALF = { ocpus: 1, memoryInGbs: 6 }
/** All that is free. */
const WHOLE = { ocpus: 2, memoryInGbs: 12 }

/** Sites need a few megabytes for the server that reads them. */
const SITE_MB = 96

/** What a component's program may hold, MiB. */
export function grantOf(component: BuiltComponent): number {
  return isRunning(component) ? component.memoryMb : SITE_MB
}

/** What of the machine's memory it can take with that, MiB. */
export function memoryOf(component: BuiltComponent): number {
  return grantOf(component) + (component.kind === 'container' ? MEMORY_FILES_MIB : 0)
}

/** What the components of one machine may have together, MiB. */
export const MOST_MB = WHOLE.memoryInGbs * 1024 - SYSTEM_MB

/** The machine for components of that much memory together: a half of the free part, or all of it. */
export function shapeFor(memoryMb: number): { ocpus: number; memoryInGbs: number } {
  const gigabytes = Math.ceil((memoryMb + SYSTEM_MB) / 1024)
  if (gigabytes <= HALF.memoryInGbs) return HALF
  // More than there is keeps its size, so that the lock can say how much was asked.
  return { ...WHOLE, memoryInGbs: Math.max(WHOLE.memoryInGbs, gigabytes) }
}
