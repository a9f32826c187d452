import { type Command, Option } from 'commander'
import { PipiError } from '../../../catalog/errors.ts'
import { showAccount, showAccounts, showProposal } from '../show-account.ts'
import type { Action } from '../verb.ts'
import { listOf } from '../wire.ts'
import { cloudAccountSchema, proposalSchema } from '../wire-account.ts'
import { declareConfirm, wish } from '../wish.ts'
import { declareTokens } from './declare-tokens.ts'
import { declareAccountWork } from './declare-work.ts'
import { onCloud } from './on-cloud.ts'

/** The sub-verbs of `account`: looking, the terms (in two steps where they open wider), and what is done to it. */
export function declareAccount(command: Command, action: Action): void {
  command
    .command('ls')
    .description('all of them')
    .action(
      action(async ({ terminal, platform }) => {
        const client = await platform()
        const answer = await client.get('/v1/cloud-accounts')
        terminal.document(answer)
        const accounts = listOf(answer, 'accounts').map((it) => cloudAccountSchema.parse(it))
        if (accounts.length === 0) terminal.line('No cloud account is open here: ./pipi engines says what is missing.')
        else showAccounts(terminal, accounts)
        return 0
      }),
    )
  onCloud(command, 'show', 'one of them, with what the platform was asked and what waits to be confirmed').action(
    action(async ({ args, terminal, platform }) => {
      const client = await platform()
      const path = `/v1/cloud-accounts/${encodeURIComponent(args[0] as string)}`
      const answer = cloudAccountSchema.parse(await client.get(path))
      // Only an owner may see them; everybody else sees the account alone.
      const proposals = await client.get(`${path}/proposals`).catch((error: unknown) => {
        if (error instanceof PipiError && error.code === 'not-allowed') return { items: [] }
        throw error
      })
      const open = listOf(proposals, 'proposals')
        .map((it) => proposalSchema.parse(it))
        .filter((it) => it.state === 'open')
      terminal.document({ ...answer, proposals: open })
      showAccount(terminal, answer, open)
      return 0
    }),
  )
  onCloud(command, 'plan', 'propose that it is on another plan of the catalogue')
    .argument('<plan>', 'as ./pipi catalog show names it')
    .action(action(async (call) => wish(call, call.args[0] as string, 'plan', { plan: call.args[1] })))
  onCloud(command, 'watched', 'agree to meters that only watching bounds (two steps), or do not (at once)')
    .argument('<on|off>', 'on or off')
    .action(
      action(async (call) =>
        wish(call, call.args[0] as string, 'watched', { agreed: oneOf(call.args[1], ['on', 'off']) === 'on' }),
      ),
    )
  onCloud(command, 'stale', 'propose to use facts past their date, for 30 days at most')
    .addOption(new Option('--until <day>', 'as 2027-03-01').conflicts('off'))
    .option('--off', 'no longer, at once')
    .action(
      action<{ until?: string; off?: boolean }>(async (call) => {
        const { until, off } = call.options
        if (until === undefined && off !== true) {
          throw new PipiError('input.invalid', 'expected --until DAY or --off', {
            hint: './pipi account stale CLOUD --until 2027-03-01',
          })
        }
        return await wish(call, call.args[0] as string, 'stale', { until: until ?? null })
      }),
    )
  onCloud(command, 'on-burn', 'what the kill switch does by itself: suspend (at once), or only stop (two steps)')
    .argument('<stop|suspend>', 'stop or suspend')
    .action(
      action(async (call) =>
        wish(call, call.args[0] as string, 'on-burn', { do: oneOf(call.args[1], ['stop', 'suspend']) }),
      ),
    )
  onCloud(
    command,
    'reopen',
    'how the kill switch opens again: by-hand (at once), or by itself with the next-period, or once what it feared is known not to have come (two steps)',
  )
    .argument('<by-hand|next-period>', 'by-hand or next-period')
    .action(
      action(async (call) =>
        wish(call, call.args[0] as string, 'switch', { reopens: oneOf(call.args[1], ['by-hand', 'next-period']) }),
      ),
    )
  declareConfirm(command, action)
  command
    .command('withdraw')
    .description('take back what was proposed and not confirmed')
    .argument('<id>', 'the proposal')
    .action(
      action(async ({ args, terminal, platform }) => {
        const client = await platform()
        const proposal = proposalSchema.parse(
          await client.delete(`/v1/proposals/${encodeURIComponent(args[0] as string)}`),
        )
        terminal.document(proposal)
        showProposal(terminal, proposal)
        return 0
      }),
    )
  declareAccountWork(command, action)
  declareTokens(command, action)
}

function oneOf(text: string | undefined, allowed: string[]): string {
  if (text !== undefined && allowed.includes(text)) return text
  throw new PipiError('input.invalid', `expected ${allowed.join(' or ')}, got "${text ?? ''}"`)
}
