import type { Command } from 'commander'

/** A sub-verb about one cloud account. */
export function onCloud(command: Command, name: string, description: string): Command {
  return command
    .command(name)
    .description(description)
    .argument('<cloud>', "the engine's code, or the cloud account's id")
}
