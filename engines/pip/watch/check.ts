import type { CheckAccount } from '../../contract/watch.ts'
import limits from '../limits.ts'
import { listProcesses } from './processes.ts'

/** Whether the host's supervisor answers, and whether what it granted still fits this host. Nobody bills here. */
const check: CheckAccount = async (context) => {
  const processes = await listProcesses(context)
  const granted = processes.reduce((sum, one) => sum + one.memory, 0)
  const most = (await limits())['pip-host.memory'] ?? 0
  const fits = granted <= most
  return {
    plan: 'own-host',
    findings: [
      { what: 'supervisor', ok: true, why: `it answers, and keeps ${processes.length} process(es)` },
      {
        what: 'memory',
        ok: fits,
        why: `${granted} MiB are granted, of ${most} that this host may promise`,
        ...(fits ? {} : { hint: 'the host has less memory than before: destroy something, or give it more' }),
        guard: true,
      },
    ],
  }
}

export default check
