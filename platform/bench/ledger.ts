import { reservations, updates } from './ledger/load.ts'
import { openStand } from './ledger/stand.ts'
import { besides, type Measured } from './shared/figures.ts'

interface Options {
  runs: number | undefined
  /** Clients at a time, one part each. Default 1, 8 and 64. */
  clients?: number[] | undefined
  /** Live holdings in the comparison of few with many. Default 1,000 and 100,000. */
  holdings?: number[] | undefined
  /** How long each side of each run lasts, milliseconds. */
  forMs?: number
  log(line: string): void
}

/**
 * Reservations a second beside plain single-row UPDATE transactions: the same server, the same number of clients over the
 * same connections, each a transaction of its own that is on disk; all on one meter beside all on one row, and spread over
 * as many meters as rows. Then the cost of a reservation while many holdings live, beside while few do.
 */
export default async function ledger(options: Options): Promise<Measured> {
  const { runs = 5, clients = [1, 8, 64], holdings = [1_000, 100_000], forMs = 1_500, log } = options
  const stand = await openStand(Math.max(...clients), log)
  try {
    const parts: Measured[] = []
    for (const spread of [false, true]) {
      for (const many of clients) {
        if (spread && many === 1) continue
        const name = `ledger ${many} ${many === 1 ? 'client' : 'clients'}, ${spread ? `${stand.meters} meters beside ${stand.meters} rows` : 'one meter beside one row'}`
        const figures = { ours: [] as number[], theirs: [] as number[] }
        for (let run = 0; run <= runs; run += 1) {
          const ours = await reservations(stand, { clients: many, spread, forMs })
          const theirs = await updates(stand, { clients: many, spread, forMs })
          await stand.emptied()
          // The first warms every cache and is not counted.
          if (run === 0) continue
          figures.ours.push(ours)
          figures.theirs.push(theirs)
          log(`${name}, run ${run} of ${runs}: ${ours.toFixed(0)} reservations, ${theirs.toFixed(0)} updates a second`)
        }
        parts.push(besides(name, figures.ours, figures.theirs, '1/s'))
      }
    }
    parts.push(await grown(stand, { runs, holdings, forMs, log }))
    const [first] = parts
    if (first === undefined) throw new Error('nothing was measured')
    return { ...first, name: 'ledger', parts }
  } finally {
    await stand.close()
  }
}

/** Milliseconds for one reservation of one client, with so many live holdings. */
async function grown(
  stand: Awaited<ReturnType<typeof openStand>>,
  {
    runs,
    holdings: [few = 1_000, many = 100_000],
    forMs,
    log,
  }: { runs: number; holdings: number[]; forMs: number; log(line: string): void },
): Promise<Measured> {
  const costs = { few: [] as number[], many: [] as number[] }
  for (const [side, count] of [
    ['few', few],
    ['many', many],
  ] as const) {
    await stand.emptied()
    await stand.fill(count)
    for (let run = 0; run <= runs; run += 1) {
      const cost = 1_000 / (await reservations(stand, { clients: 1, spread: false, forMs }))
      await stand.emptied(count)
      if (run === 0) continue
      costs[side].push(cost)
      log(`${count} live holdings, run ${run} of ${runs}: ${cost.toFixed(3)} ms a reservation`)
    }
  }
  return besides(`ledger at ${many} live holdings beside ${few}`, costs.many, costs.few, 'ms')
}
