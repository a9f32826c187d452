import { gibibytesOf } from '../../demand/inputs.ts'

/** `256Mi`, `256M`, `1Gi`, `1G` in GiB; undefined for anything else. */
export function gibibytes(text: string): number | undefined {
  const size = gibibytesOf(text)
  return size !== undefined && size > 0 && size <= 32 ? size : undefined
}

/** The share of a CPU that a function gets with its memory, rounded up to the next step of Google's table. */
export function cpuFor(memoryGib: number): number {
  const steps: [number, number][] = [
    [0.125, 1 / 12],
    [0.25, 1 / 6],
    [0.5, 1 / 3],
    [1, 7 / 12],
    [2, 1],
    [8, 2],
    [16, 4],
  ]
  return steps.find(([memory]) => memoryGib <= memory)?.[1] ?? 8
}
