/** What functions can be given: vCPU and gigabytes (Code Engine's supported combinations), the smallest first. */
const SIZES = [
  { cpu: 0.25, memory: 1 },
  { cpu: 0.5, memory: 2 },
  { cpu: 1, memory: 4 },
] as const
/**
 * What apps can be given, of its combinations those that are free for the same time by either meter: no other one of
 * the same memory is free for longer.
 */
export const APP_SIZES = [
  { cpu: 0.125, memory: 0.25 },
  { cpu: 0.25, memory: 0.5 },
  { cpu: 0.5, memory: 1 },
  { cpu: 1, memory: 2 },
  { cpu: 2, memory: 4 },
] as const
const MIB = 2 ** 20 / 1e9

/** MiB of the largest, of functions as of apps. */
export const MOST_MIB = Math.floor(4 / MIB)

/** The smallest that has so many MiB, else the largest. */
export function sizeFor(memoryMb: number): { cpu: number; memory: number } {
  return SIZES.find(({ memory }) => memory >= memoryMb * MIB) ?? SIZES[2]
}

/** The same of an app. */
export function appSizeFor(memoryMb: number): { cpu: number; memory: number } {
  return APP_SIZES.find(({ memory }) => memory >= memoryMb * MIB) ?? APP_SIZES[4]
}

/** Gigabytes of a size as Code Engine writes it: `1G`, `1000M`. */
export function gigabytesOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([GM])$/.exec(text) ?? []
  if (number === undefined) throw new Error(`expected a size as "1G", got "${text}"`)
  return unit === 'G' ? Number(number) : Number(number) / 1000
}
