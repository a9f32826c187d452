import { z } from 'zod'
import type { CheckedHost } from '../../engines/contract/hosts.ts'
import type { Terminal } from './terminal.ts'
import { listOf } from './wire.ts'

const hostSchema = z.looseObject({
  engine: z.string(),
  name: z.string(),
  address: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.string(),
  why: z.string().optional(),
  keptBy: z.string().optional(),
  room: z.array(z.looseObject({ meter: z.string(), unit: z.string(), limit: z.number(), left: z.number() })),
})

/** Each machine: how it is, where it is reached, what is left of it. */
export function showHosts(terminal: Terminal, answer: unknown): void {
  const hosts = listOf(answer, 'hosts').map((it) => hostSchema.parse(it))
  if (hosts.length === 0) terminal.line("No engine here deploys to machines of one's own.")
  else
    terminal.table(
      ['HOST', 'ENGINE', 'STATE', 'ADDRESS', 'LEFT', 'LABELS', ''],
      hosts.map((host) => [
        host.name,
        host.engine,
        host.state === 'up' ? terminal.style('green', 'up') : terminal.style('yellow', host.state),
        host.address,
        host.room.map((one) => `${one.meter.split('.').at(-1)} ${one.left} of ${one.limit} ${one.unit}`).join('\n'),
        Object.entries(host.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n'),
        host.why ?? host.keptBy ?? '',
      ]),
    )
}

/** What was looked at on each, with what to do where it is not right. */
export function showChecked(terminal: Terminal, hosts: readonly CheckedHost[]): void {
  for (const { name, findings } of hosts) {
    terminal.line(name)
    for (const { what, ok, why, hint } of findings) {
      const mark = ok ? terminal.style('green', '✔') : terminal.style('red', '✖')
      terminal.line(`  ${mark} ${what.padEnd(10)} ${why}`)
      if (hint !== undefined) terminal.line(`    ${hint}`)
    }
  }
}
