/** What functions can be given: vCPU and gigabytes (Code Engine's supported combinations), the smallest first. */
const SIZES = [
  { cpu: 0.25, memory: 1 },
  { cpu: 0.5, memory: 2 },
  { cpu: 1, memory: 4 },
] as const
const MIB = 2 ** 20 / 1e9

/** MiB of the largest. */
export const MOST_MIB = Math.floor(4 / MIB)

/** The smallest that has so many MiB, else the largest. */
export function sizeFor(memoryMb: number): { cpu: number; memory: number } {
  return SIZES.find(({ memory }) => memory >= memoryMb * MIB) ?? SIZES[2]
}

/** Gigabytes of a size as Code Engine writes it: `1G`, `1000M`. */
export function gigabytesOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([GM])$/.exec(text) ?? []
  if (number === undefined) throw new Error(`expected a size as "1G", got "${text}"`)
  return unit === 'G' ? Number(number) : Number(number) / 1000
}
