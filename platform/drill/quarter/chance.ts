import { numberSource } from '../../../stacks/sandbox/seed.ts'

/** Chance that repeats: the same seed and label give the same draws. */
export interface Chance {
  /** In [0, 1). */
  draw(): number
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number
  oneOf<T>(list: readonly [T, ...T[]]): T
  /** True in that share of the cases. */
  happens(share: number): boolean
}

export function chanceOf(seed: string, label: string): Chance {
  const draw = numberSource(seed, label)
  return {
    draw,
    whole: (from, to) => from + Math.floor(draw() * (to - from + 1)),
    oneOf: (list) => list[Math.floor(draw() * list.length)] ?? list[0],
    happens: (share) => draw() < share,
  }
}
