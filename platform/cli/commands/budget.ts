import { amountOf } from '../amount-of.ts'
import { showAccounts } from '../show-account.ts'
import type { Verb } from '../verb.ts'
import { listOf } from '../wire.ts'
import { cloudAccountSchema } from '../wire-account.ts'
import { declareConfirm, wish } from '../wish.ts'

const budget: Verb = {
  summary: 'what may be spent each month, 0 unless the owner raises it in two steps',
  declare: (command, action) => {
    command.option('--cloud <code>', 'only this engine').action(
      action<{ cloud?: string }>(async ({ options, terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/cloud-accounts', { cloud: options.cloud })
        terminal.document(answer)
        const accounts = listOf(answer, 'accounts').map((it) => cloudAccountSchema.parse(it))
        if (accounts.length === 0) terminal.line('No cloud account is open here.')
        else showAccounts(terminal, accounts)
        return 0
      }),
    )
    command
      .command('set')
      .description('propose another budget; a lower one holds at once')
      .argument('<cloud>', "the engine's code, or the cloud account's id")
      .argument('<usd>', 'USD a month', amountOf)
      .action(
        action(async (call) => wish(call, call.args[0] as string, 'budget', { usdPerMonth: Number(call.args[1]) })),
      )
    declareConfirm(command, action)
  },
}
export default budget
