import { Command, CommanderError } from 'commander'
import { PipiError } from '../../catalog/errors.ts'
import { showError } from './show-error.ts'
import { openTerminal } from './terminal.ts'
import type { Action, GlobalOptions } from './verb.ts'
import { loadVerb, verbNames } from './verbs.ts'

/** Runs one verb and gives the exit code: 0 done, 1 failed, 2 bad usage, 3 refused, 4 not found, 5 unreachable, 6 not allowed, 130 detached. */
export async function run(argv: string[]): Promise<number> {
  let code = 0
  const asksJson = argv.includes('--json')
  const program = new Command('pipi')
    .description(
      "Deploys open-source workspaces onto the clouds' free tiers, behind a lock that never lets a cent be spent.",
    )
    .option('--json', 'print one JSON document (one per line when following)')
    .option('--url <url>', 'the platform to talk to (else PIPI_URL, else the one serving --data)')
    .option('--token <token>', "your token (else PIPI_TOKEN, else the data folder's owner token)")
    .option('--data <dir>', 'data folder of a platform on this machine (default .pipi in the project)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError(false)
  if (asksJson) program.configureOutput({ writeErr: () => undefined })
  program.addHelpText('after', EXIT_CODES)

  const action: Action = (work) => {
    return async (...given) => {
      const command = given.at(-1) as Command
      const options = command.optsWithGlobals() as GlobalOptions
      const terminal = openTerminal(options.json === true)
      code = await work({
        args: command.args,
        options: options as never,
        terminal,
        platform: async () => {
          const { openClient } = await import('./client.ts')
          return openClient(options)
        },
      })
    }
  }

  const names = await verbNames()
  const asked = firstWord(argv)
  const all = asked === undefined || !names.includes(asked)
  for (const name of all ? inOrder(names) : names) {
    if (!all && name !== asked) {
      // Only its name is needed, for "did you mean".
      program.command(name, { hidden: true })
      continue
    }
    const verb = await loadVerb(name)
    const command = program.command(name, { hidden: verb.hidden === true }).description(verb.summary)
    verb.declare(command, action)
    quieten(command, asksJson)
  }
  if (asked === undefined && !argv.includes('--help') && !argv.includes('-h')) {
    program.outputHelp()
    return argv.length === 0 ? 0 : 2
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return ended(error, asksJson)
  }
}

/** Help and version end well; wrong usage is exit 2; ours says itself. Anything else is a fault of ours and shows its stack. */
function ended(error: unknown, json: boolean): number {
  const terminal = openTerminal(json)
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    // Without --json commander has told it already.
    if (json) showError(terminal, new PipiError('input.invalid', error.message.replace(/^error: /, '')))
    else terminal.note('hint: ./pipi --help lists the verbs, ./pipi VERB --help what one takes')
    return 2
  }
  const ours = PipiError.from(
    error,
    'platform.internal',
    'This is a fault of ours: please report it with the lines above.',
  )
  if (ours !== error && error instanceof Error && error.stack !== undefined) terminal.note(error.stack)
  showError(terminal, ours)
  return ours.kind.exit
}

/** Sub-verbs do not inherit what the program was told about its end. */
function quieten(command: Command, json: boolean): void {
  for (const each of [command, ...command.commands]) {
    each.exitOverride().helpCommand(false)
    if (json) each.configureOutput({ writeErr: () => undefined })
  }
}

/** The verb, behind options that take a value. */
function firstWord(argv: string[]): string | undefined {
  const takesValue = new Set(['--url', '--token', '--data'])
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    if (takesValue.has(word)) at++
    else if (!word.startsWith('-')) return word
  }
  return undefined
}

/** The order in which a newcomer meets them; verbs not named here come after, by name. */
const ORDER = [
  'quickstart',
  'serve',
  'doctor',
  'deploy',
  'preview',
  'refresh',
  'rollback',
  'adopt',
  'destroy',
  'extend',
  'cancel',
  'status',
  'list',
  'logs',
  'queue',
  'secret',
  'quota',
  'budget',
  'credit',
  'account',
  'catalog',
  'engines',
  'stock',
  'sandbox',
  'bench',
]
function inOrder(names: string[]): string[] {
  return [...ORDER.filter((name) => names.includes(name)), ...names.filter((name) => !ORDER.includes(name))]
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 bad usage or manifest, 3 refused by the lock, 4 not found,
            5 platform not reachable, 6 not allowed, 130 detached

Start here: ./pipi quickstart`
