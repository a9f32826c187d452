/** `256Mi`, `256M`, `1Gi`, `1G` in GiB; undefined for anything else. */
export function gibibytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(Mi|M|Gi|G)$/.exec(text)
  if (match === null) return undefined
  const factors: Record<string, number> = { Mi: 1 / 1024, M: 1e6 / 2 ** 30, Gi: 1, G: 1e9 / 2 ** 30 }
  const size = Number(match[1]) * (factors[match[2] ?? ''] ?? Number.NaN)
  return size > 0 && size <= 32 ? size : undefined
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
