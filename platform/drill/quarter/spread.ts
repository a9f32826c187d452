import type { ComponentKind } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import type { Demands } from './asked.ts'
import { livedKinds, PRESSURE, SIZES, type Size, sizesWithin } from './lives.ts'

/** How lives are spread over a platform. */
export interface Spread {
  engine: Engine
  lives: number
  /** Cloud accounts, so many that a life lasts. */
  accounts: number
}

/** What consists of one resource stays about so long, hours; what consists of more is worth more, and stays longer. */
const SHORTEST_HOURS = 5
/** As many as the sandbox can tell apart. */
const MOST_ACCOUNTS = 60

/**
 * Spreads lives over platforms so that each platform has about the same work: a life of many resources is dear to make,
 * so there are fewer of them, and they stay longer, as people keep what was laborious.
 */
export async function spreadOf(
  engines: readonly Engine[],
  demands: Demands,
  { lives, hours }: { lives: number; hours: number },
): Promise<Spread[]> {
  const known = await Promise.all(
    engines.map(async (engine) => {
      const kinds = livedKinds(engine)
      const fitting: number[] = []
      for (const one of kinds) {
        const shares = await Promise.all(SIZES.map((size) => demands.shareOf(engine, one, size)))
        const shareOf = (size: Size) => shares[SIZES.indexOf(size)] ?? 1
        // What fills a limit by itself says nothing of how many fit.
        fitting.push(
          ...sizesWithin(shareOf)
            .map(shareOf)
            .filter((share) => share <= 0.5),
        )
      }
      const [kind, size] = [kinds[0] as ComponentKind, SIZES[0]]
      const { resources } = await demands.of(engine, kind, size)
      const share = fitting.reduce((sum, one) => sum + one, 0) / Math.max(1, fitting.length)
      return { engine, weight: 1 / resources ** 2, stays: SHORTEST_HOURS * resources ** 2, share }
    }),
  )
  let left = lives
  return known.map(({ engine, weight, stays, share }, at) => {
    const rest = known.slice(at).reduce((sum, one) => sum + one.weight, 0)
    // Of what is left, so that all of them together are as many as were asked for.
    const own = Math.max(1, Math.round((left * weight) / rest))
    left -= own
    const wanted = Math.round((own * share * Math.min(stays, hours / 4)) / (PRESSURE * hours))
    return { engine, lives: own, accounts: Math.min(MOST_ACCOUNTS, Math.max(1, wanted)) }
  })
}
