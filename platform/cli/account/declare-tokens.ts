import { type Command, Option } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { Action } from '../verb.ts'
import { listOf } from '../wire.ts'
import { accountSchema, type NewToken, newTokenSchema, openedAccountSchema, tokenSchema } from '../wire-account.ts'
import { openTokenFile } from './token-file.ts'

interface Options {
  account?: string
  tokenFile?: string
  role?: string
  note?: string
  days?: string
}

/** `account open|names` and `account token add|ls|rm`: who else uses this platform, and what lets in as them. */
export function declareTokens(parent: Command, action: Action): void {
  const toFile = (command: Command) =>
    command.option('--token-file <path>', 'into this new file, which its owner alone may read, in place of showing it')

  toFile(parent.command('open'))
    .description("another account of this platform, with a first token, which is given once; for the platform's owner")
    .argument('<name>', 'its name: letters, digits, ".", "_", "@" and "-"')
    .action(
      action<Options>(async ({ args, options, terminal, platform }) => {
        const client = await platform()
        const account = await openTokenFile(options.tokenFile, async () => {
          const opened = openedAccountSchema.parse(await client.post('/v1/accounts', { name: args[0] }))
          return { ...opened, secret: opened.token.secret }
        })
        const { id, name, token } = account
        terminal.document({ id, name, token: documentOf(token, options) })
        terminal.line(`The account ${name} is open`)
        showNew(terminal, token, options)
        return 0
      }),
    )

  parent
    .command('names')
    .description("the platform's accounts: all of them for its owner, for another account itself")
    .action(
      action(async ({ terminal, platform }) => {
        const answer = await (await platform()).get('/v1/accounts')
        terminal.document(answer)
        const accounts = listOf(answer, 'accounts').map((it) => accountSchema.parse(it))
        terminal.table(
          ['NAME', 'SINCE'],
          accounts.map((it) => [it.name, it.since]),
        )
        return 0
      }),
    )

  const tokens = parent.command('token').description('what lets in as an account: add, ls, rm; a text is given once')
  const sub = (name: string, description: string) =>
    tokens
      .command(name)
      .description(description)
      .option('--account <name>', "of this account in place of one's own; for the platform's owner")

  toFile(sub('add', 'make one'))
    .addOption(
      new Option('--role <role>', 'what it may do').choices(['owner', 'deployer', 'viewer']).default('deployer'),
    )
    .option('--note <text>', 'what it is for')
    .option('--days <number>', 'until it expires; without it it does not')
    .action(
      action<Options>(async ({ options, terminal, platform }) => {
        const client = await platform()
        const { role, note, days } = options
        const token = await openTokenFile(options.tokenFile, async () =>
          newTokenSchema.parse(
            await client.post(`/v1/tokens${of(options)}`, {
              role,
              ...(note === undefined ? {} : { note }),
              ...(days === undefined ? {} : { days: Number(days) }),
            }),
          ),
        )
        terminal.document(documentOf(token, options))
        showNew(terminal, token, options)
        return 0
      }),
    )

  sub('ls', 'roles, notes, since when; never a text').action(
    action<Options>(async ({ options, terminal, platform }) => {
      const answer = await (await platform()).get(`/v1/tokens${of(options)}`)
      terminal.document(answer)
      const all = listOf(answer, 'tokens').map((it) => tokenSchema.parse(it))
      terminal.table(
        ['ID', 'ROLE', 'SINCE', 'UNTIL', 'NOTE'],
        all.map((it) => [
          ...[it.id, it.role, it.since],
          it.revoked === undefined ? (it.expires ?? '') : `revoked ${it.revoked}`,
          it.note,
        ]),
      )
      return 0
    }),
  )

  sub('rm', 'revoke one: it lets in nobody from now on')
    .argument('<id>', 'which')
    .action(
      action<Options>(async ({ args, options, terminal, platform }) => {
        await (await platform()).delete(`/v1/tokens/${encodeURIComponent(args[0] as string)}${of(options)}`)
        terminal.document({ id: args[0], revoked: true })
        terminal.line(`${args[0]} lets in nobody any more`)
        return 0
      }),
    )
}

function of({ account }: Options): string {
  return account === undefined ? '' : `?account=${encodeURIComponent(account)}`
}

/** What went into a file is shown nowhere else. */
function documentOf({ id, secret }: NewToken, { tokenFile }: Options): object {
  return tokenFile === undefined ? { id, secret } : { id, file: tokenFile }
}

function showNew(terminal: Terminal, { id, secret }: NewToken, { tokenFile }: Options): void {
  if (tokenFile !== undefined) terminal.line(`The token ${id} is in ${tokenFile}`)
  else terminal.line(`The token ${id}, which is shown this once: ${secret}`)
  terminal.line('It is used with --token, or as PIPI_TOKEN.')
}
