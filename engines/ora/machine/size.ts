/** What the system and the agent need beside the components, MiB. */
const SYSTEM_MB = 1024
/** A half of what is free, so that two machines fit. */
const HALF = { ocpus: 1, memoryInGbs: 6 }
/** All that is free. */
const WHOLE = { ocpus: 2, memoryInGbs: 12 }

/** What the components of one machine may have together, MiB. */
export const MOST_MB = WHOLE.memoryInGbs * 1024 - SYSTEM_MB

/** The machine for components of that much memory together: a half of the free part, or all of it. */
export function shapeFor(memoryMb: number): { ocpus: number; memoryInGbs: number } {
  const gigabytes = Math.ceil((memoryMb + SYSTEM_MB) / 1024)
  if (gigabytes <= HALF.memoryInGbs) return HALF
  // More than there is keeps its size, so that the lock can say how much was asked.
  return { ...WHOLE, memoryInGbs: Math.max(WHOLE.memoryInGbs, gigabytes) }
}
