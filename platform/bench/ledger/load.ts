import type { Stand } from './stand.ts'

export interface Load {
  clients: number
  /** Over all meters or rows; else all clients want the same one. */
  spread: boolean
  /** Milliseconds. */
  forMs: number
}

let made = 0

/** Reservations of one resource each, a second, all clients together. */
export async function reservations(stand: Stand, load: Load): Promise<number> {
  return perSecond(load, async (client) => {
    const held = stand.held[client]
    made += 1
    const lines = [
      {
        urn: `urn:pulumi:bench::bench::bench:index:Thing::thing-${made}`,
        type: 'bench:index:Thing',
        amounts: [
          {
            meter: `bench.m${load.spread ? client % stand.meters : 0}`,
            scope: '',
            amount: 1,
            bound: 'proven',
            because: 'one',
          },
        ],
      },
    ]
    const answer = await stand.engines[client]?.query({
      name: 'reserve',
      text: 'select engine.reserve($1, $2, $3) as refusal',
      values: [held?.deployment, held?.token, JSON.stringify(lines)],
    })
    if (answer?.rows[0].refusal !== null) throw new Error(`refused: ${JSON.stringify(answer?.rows[0].refusal)}`)
  })
}

/** Plain single-row UPDATE transactions a second. */
export async function updates(stand: Stand, load: Load): Promise<number> {
  return perSecond(load, async (client) => {
    await stand.owners[client]?.query({
      name: 'update',
      text: 'update public.plain set n = n + 1 where id = $1',
      values: [load.spread ? client % stand.meters : 0],
    })
  })
}

async function perSecond({ clients, forMs }: Load, one: (client: number) => Promise<void>): Promise<number> {
  const begun = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() - begun < forMs) {
        await one(client)
        done += 1
      }
    }),
  )
  return (done * 1_000) / (performance.now() - begun)
}
