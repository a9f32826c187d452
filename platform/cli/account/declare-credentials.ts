import type { Command } from 'commander'
import { showKept } from '../show-credentials.ts'
import type { Action } from '../verb.ts'
import { listOf } from '../wire.ts'
import { credentialsSchema } from '../wire-account.ts'
import { readSet } from './read-set.ts'

interface Options {
  account?: string
  file?: string
}

/** `account credentials set|ls|rm`. A value is never an argument: others on the machine could read it there. */
export function declareCredentials(parent: Command, action: Action): void {
  const command = parent
    .command('credentials')
    .description("an account's own credentials at a platform: set, ls, rm; values go in and never come out")
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .argument('<cloud>', "the engine's code")
      .option('--account <name>', "of this account in place of one's own; for the platform's owner")

  sub('set', 'set all of them at once: lines of NAME=value from standard input, with the names of ./pipi account check')
    .option('--file <path>', 'from this file')
    .action(
      action<Options>(async ({ args, options, terminal, platform }) => {
        const values = await readSet(options.file)
        const answer = await (await platform()).put(
          pathOf(args[0], options),
          Buffer.from(JSON.stringify({ values })),
          'application/json',
        )
        terminal.document(answer)
        const names = listOf(answer, 'credentials').map((it) => String(it.name))
        terminal.line(`${names.join(', ')} are set for ${args[0]}`)
        terminal.line(`They are used once the platform has confirmed whose they are: ./pipi account check ${args[0]}`)
        return 0
      }),
    )

  sub('ls', 'names, since when and by whom; never a value').action(
    action<Options>(async ({ args, options, terminal, platform }) => {
      const answer = credentialsSchema.parse(await (await platform()).get(pathOf(args[0], options)))
      terminal.document({ engine: answer.engine, items: answer.kept })
      showKept(terminal, answer)
      return 0
    }),
  )

  sub('rm', 'take them away; what runs there runs on, and can be changed no more').action(
    action<Options>(async ({ args, options, terminal, platform }) => {
      await (await platform()).delete(pathOf(args[0], options))
      terminal.document({ engine: args[0], removed: true })
      terminal.line(`The credentials for ${args[0]} are gone`)
      return 0
    }),
  )
}

function pathOf(engine: string | undefined, { account }: Options): string {
  const of = account === undefined ? '' : `?account=${encodeURIComponent(account)}`
  return `/v1/engines/${encodeURIComponent(engine ?? '')}/credentials${of}`
}
