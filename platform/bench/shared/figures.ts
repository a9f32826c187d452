import { cpus, totalmem } from 'node:os'

export interface Side {
  median: number
  /** Half of the distance between the quartiles. */
  spread: number
  unit: string
}

export interface Measured {
  name: string
  ours: Side
  theirs: Side
  /** ours / theirs, of the medians. */
  ratio: number
  runs: number
  machine: { cores: number; model: string; memoryGiB: number; node: string }
  parts?: Measured[]
}

/** One figure beside another, in one unit. */
export function besides(name: string, ours: readonly number[], theirs: readonly number[], unit: string): Measured {
  return {
    name,
    ours: side(ours, unit),
    theirs: side(theirs, unit),
    ratio: round(quantile(ours, 0.5) / quantile(theirs, 0.5), 3),
    runs: ours.length,
    machine: machine(),
  }
}

/** One entry for each rival, milliseconds; the first is the headline. */
export function compare(
  name: string,
  ours: readonly number[],
  rivals: readonly { name: string; times: readonly number[] }[],
): Measured {
  const parts = rivals.map((rival) => besides(`${name} ${rival.name}`, ours, rival.times, 'ms'))
  const [first] = parts
  if (first === undefined) throw new Error('nothing to compare with')
  return { ...first, name, parts }
}

function side(times: readonly number[], unit: string): Side {
  return {
    median: round(quantile(times, 0.5), 1),
    spread: round((quantile(times, 0.75) - quantile(times, 0.25)) / 2, 1),
    unit,
  }
}

/** Linear between the neighbours. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

function machine(): Measured['machine'] {
  const processors = cpus()
  return {
    cores: processors.length,
    model: processors[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
}
