import { amountOf } from '../amount-of.ts'
import type { Verb } from '../verb.ts'
import { listOf } from '../wire.ts'
import { creditSchema } from '../wire-account.ts'
import { declareConfirm, wish } from '../wish.ts'

interface AddOptions {
  expires: string
  note?: string
}

const credit: Verb = {
  summary: 'money put in once, each part with its last day; used before any budget is',
  declare: (command, action) => {
    command
      .command('ls')
      .description('what there is')
      .option('--cloud <code>', 'only this engine')
      .action(
        action<{ cloud?: string }>(async ({ options, terminal, platform }) => {
          const client = await platform()
          const answer = await client.get('/v1/credits', { cloud: options.cloud })
          terminal.document(answer)
          const credits = listOf(answer, 'credits').map((it) => creditSchema.parse(it))
          if (credits.length === 0)
            terminal.line('No credit: only what is free is granted, and what a budget pays for.')
          else {
            terminal.table(
              ['ID', 'CLOUD', 'USD', 'UNTIL', 'STATE', 'NOTE'],
              credits.map((it) => [it.id, it.engine, it.usd.toFixed(2), it.expires, it.state, it.note]),
            )
          }
          return 0
        }),
      )
    command
      .command('add')
      .description('propose a credit')
      .argument('<cloud>', "the engine's code, or the cloud account's id")
      .argument('<usd>', 'USD', amountOf)
      .requiredOption('--expires <day>', 'until when it can be used, as 2027-03-01')
      .option('--note <text>', 'where it comes from')
      .action(
        action<AddOptions>(async (call) => {
          const { expires, note } = call.options
          return await wish(call, call.args[0] as string, 'credit', {
            usd: Number(call.args[1]),
            expires,
            ...(note === undefined ? {} : { note }),
          })
        }),
      )
    command
      .command('withdraw')
      .description('take one back, at once; what it pays for already runs on')
      .argument('<id>', 'from credit ls')
      .action(
        action(async ({ args, terminal, platform }) => {
          const client = await platform()
          const answer = await client.delete(`/v1/credits/${encodeURIComponent(args[0] as string)}`)
          terminal.document(answer)
          const taken = creditSchema.parse(answer)
          terminal.line(`${taken.usd.toFixed(2)} USD at ${taken.engine} ${terminal.style('dim', taken.id)}: withdrawn`)
          return 0
        }),
      )
    declareConfirm(command, action)
  },
}
export default credit
