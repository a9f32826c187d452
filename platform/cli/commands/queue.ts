import type { Verb } from '../verb.ts'
import { listOf } from '../wire.ts'

const queue: Verb = {
  summary: 'what waits, at which place, and for what',
  declare: (command, action) => {
    command.action(
      action(async ({ terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/queue')
        terminal.document(answer)
        const waiting = listOf(answer, 'queue')
        if (waiting.length === 0) {
          terminal.line('Nothing waits and nothing runs.')
          return 0
        }
        terminal.table(
          ['PLACE', 'ID', 'WORKSPACE', 'KIND', 'ENGINE', 'STATUS', 'WAITS FOR'],
          waiting.map((it) =>
            [it.position, it.id ?? it.deployment, it.workspace, it.kind, it.engine, it.status, it.waitingFor].map(
              (cell) => String(cell ?? ''),
            ),
          ),
        )
        return 0
      }),
    )
  },
}
export default queue
