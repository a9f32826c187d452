import { z } from 'zod'
import type { CheckAccount, Finding, WatchContext } from '../../contract/watch.ts'
import { LOCAL } from '../hosts/schema.ts'
import limits from '../limits.ts'
import { LINK } from '../provider/index.ts'
import { roomTold } from '../supervisor/databases/room.ts'
import { listDatabases, listProcesses } from './processes.ts'

const linkSchema = z.object({
  machine: z.object({ memoryMib: z.number(), diskFreeMib: z.number() }).optional(),
  limits: z.object({ memoryMb: z.number() }),
})

/**
 * Whether each host's supervisor answers, and whether what it granted still fits that host. Nobody bills here. A host
 * elsewhere that is away is no reason to refuse the others.
 */
const check: CheckAccount = async (context) => {
  const findings = await Promise.all(context.regions.map((host) => checkHost(context, host)))
  return { plan: 'own-host', findings: findings.flat() }
}

export default check

async function checkHost(context: WatchContext, host: string): Promise<Finding[]> {
  const here = host === LOCAL
  const named = (what: string) => (here ? what : `${what} of ${host}`)
  const kept = await Promise.all([listProcesses(context, host), listDatabases(context, host)]).catch((error: Error) => {
    if (here) throw error
    return error
  })
  if (kept instanceof Error) {
    const hint = 'what runs there goes on; see ./pipi hosts check'
    return [{ what: named('supervisor'), ok: false, why: kept.message, hint, guard: true }]
  }
  const [processes, databases] = kept
  const granted = [...processes, ...databases].reduce((sum, one) => sum + one.memory, 0)
  const most = here ? ((await limits())['pip-host.memory'] ?? 0) : await promisedBy(context, host)
  const fits = granted <= most
  const full = databases.flatMap(({ name, room, held, size }): Finding[] => {
    const why = roomTold(room, held, size)
    return why === undefined ? [] : [{ what: named(`database ${name}`), ok: false, why, guard: true }]
  })
  return [
    {
      what: named('supervisor'),
      ok: true,
      why: `it answers, and keeps ${processes.length} process(es), ${databases.length} database(s)`,
    },
    {
      what: named('memory'),
      ok: fits,
      why: `${granted} MiB are granted, of ${most} that this host may promise`,
      ...(fits ? {} : { hint: 'the host has less memory than before: destroy something, or give it more' }),
      guard: true,
    },
    ...full,
  ]
}

/** What its owner promised, as far as the machine has it: a quarter is left for its system and for new releases beside old ones. */
async function promisedBy({ platform }: WatchContext, host: string): Promise<number> {
  const { link } = z.object({ link: linkSchema }).parse(await platform.invoke(LINK, { host }))
  const has = link.machine === undefined ? link.limits.memoryMb : Math.floor(link.machine.memoryMib * 0.75)
  return Math.min(link.limits.memoryMb, has)
}
