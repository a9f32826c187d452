import { showQuota } from '../show-quota.ts'
import type { Verb } from '../verb.ts'
import { listOf, quotaLineSchema } from '../wire.ts'

interface QuotaOptions {
  cloud?: string
  all?: boolean
}

const quota: Verb = {
  summary: 'the free limits: what is held, used and left, and by whom',
  declare: (command, action) => {
    command
      .option('--cloud <code>', 'only this engine')
      .option('--all', 'also limits of which nothing is taken')
      .action(
        action<QuotaOptions>(async ({ options, terminal, platform }) => {
          const client = await platform()
          const answer = await client.get('/v1/quota', { cloud: options.cloud })
          terminal.document(answer)
          const lines = listOf(answer, 'quota').map((it) => quotaLineSchema.parse(it))
          const shown = options.all ? lines : lines.filter((line) => line.held + line.used + line.observed > 0)
          if (shown.length > 0) showQuota(terminal, shown)
          else terminal.line(lines.length === 0 ? 'No limits are known here.' : 'Nothing is taken of any free limit.')
          if (shown.length < lines.length)
            terminal.note(`${lines.length - shown.length} more limits are untouched: --all shows them`)
          return 0
        }),
      )
  },
}
export default quota
