import type { Verb } from '../verb.ts'
import { listOf } from '../wire.ts'

const stock: Verb = {
  summary: 'the clones of each engine: alive, busy, draining, wanted',
  declare: (command, action) => {
    command.action(
      action(async ({ terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/stock')
        terminal.document(answer)
        const engines = listOf(answer, 'stock')
        if (engines.length === 0) terminal.line('No clones: the factory breeds the first when there is work.')
        else terminal.table(['ENGINE', 'CLONES', 'WANTED', 'WAITING', 'CLONE', 'STATE', 'WORKS ON'], engines.map(row))
        return 0
      }),
    )
  },
}
export default stock

function row(engine: Record<string, unknown>): string[] {
  const clones = (Array.isArray(engine.clones) ? engine.clones : []) as Record<string, unknown>[]
  const column = (of: (clone: Record<string, unknown>) => unknown) =>
    clones.map((clone) => String(of(clone) ?? '')).join('\n')
  return [
    String(engine.engine ?? engine.code ?? ''),
    String(clones.length),
    String(engine.wanted ?? ''),
    String(engine.waiting ?? ''),
    column((clone) => clone.clone ?? clone.id),
    column((clone) => clone.state),
    column((clone) => (Array.isArray(clone.running) ? clone.running.join(' ') : '')),
  ]
}
