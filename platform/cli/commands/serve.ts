import { InvalidArgumentError, Option } from 'commander'
import type { ServeOptions } from '../serve.ts'
import type { Verb } from '../verb.ts'

const serve: Verb = {
  summary: 'run the platform here, until Ctrl-C',
  declare: (command, action) => {
    command
      .option('--sandbox', 'simulated clouds: needs no account and cannot cost anything')
      .option('--port <n>', 'port of the HTTP API; 0 takes a free one', port)
      .option('--host <address>', 'address to listen on (default 127.0.0.1)')
      .addOption(new Option('--until-stdin-ends', 'stop when stdin ends, for those who start it as a child').hideHelp())
      .action(
        action<ServeOptions>(async ({ options, terminal }) => {
          const { runPlatform } = await import('../serve.ts')
          return await runPlatform(options, terminal)
        }),
      )
  },
}
export default serve

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('a port from 0 to 65535 is wanted')
  return value
}
