import { showAccountLine } from '../show-account.ts'
import { showQuota } from '../show-quota.ts'
import { reconciledSchema, showReconciled } from '../show-reconcile.ts'
import type { Verb } from '../verb.ts'
import { listOf, quotaLineSchema } from '../wire.ts'
import { cloudAccountSchema } from '../wire-account.ts'

interface QuotaOptions {
  cloud?: string
  meter?: string
  all?: boolean
}

/** Platforms are asked, and what is not certain is looked up: that may take this long, milliseconds. */
const RECONCILE_MS = 290_000

const quota: Verb = {
  summary: 'the free limits: what is held, used and left, and by whom; quota reconcile makes it true',
  declare: (command, action) => {
    command
      .option('--cloud <code>', 'only this engine')
      .option('--meter <name>', 'only meters with this in their name')
      .option('--all', 'also limits of which nothing is taken')
      .action(
        action<QuotaOptions>(async ({ options, terminal, platform }) => {
          const client = await platform()
          const { cloud, meter } = options
          const [answer, clouds] = await Promise.all([
            client.get('/v1/quota', { cloud, meter }),
            client.get('/v1/cloud-accounts', { cloud }),
          ])
          const accounts = listOf(clouds, 'accounts').map((it) => cloudAccountSchema.parse(it))
          terminal.document({ ...(answer as object), accounts })
          const lines = listOf(answer, 'quota').map((it) => quotaLineSchema.parse(it))
          const shown =
            options.all || meter !== undefined
              ? lines
              : lines.filter((line) => line.over || line.held + line.used + line.observed + (line.reading ?? 0) > 0)
          for (const account of accounts) {
            const own = shown.filter((line) => line.cloudAccount === account.id)
            showAccountLine(terminal, account)
            if (own.length > 0) showQuota(terminal, own)
          }
          if (shown.length === 0)
            terminal.line(lines.length === 0 ? 'No limits are known here.' : 'Nothing is taken of any free limit.')
          if (shown.length < lines.length)
            terminal.note(`${lines.length - shown.length} more limits are untouched: --all shows them`)
          return 0
        }),
      )
    command
      .command('reconcile')
      .description('recompute what is held from what really exists; exit 1 when a platform could not be asked')
      .option('--cloud <code>', 'only this engine')
      .action(
        action<QuotaOptions>(async ({ options, terminal, platform }) => {
          const client = await platform()
          const { cloud } = options
          terminal.note(terminal.style('dim', 'asking the platforms what really exists…'))
          const answer = await client.post(
            '/v1/quota/reconcile',
            cloud === undefined ? {} : { cloud },
            undefined,
            RECONCILE_MS,
          )
          terminal.document(answer)
          const reconciled = reconciledSchema.parse(answer)
          showReconciled(terminal, reconciled)
          return reconciled.cloudAccounts.some((account) => account.failed !== undefined) ? 1 : 0
        }),
      )
  },
}
export default quota
