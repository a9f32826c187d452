import type { Command } from 'commander'
import { deployAgain } from '../deploy-again.ts'
import { declareWaiting, type WaitOptions } from '../order.ts'
import type { Action } from '../verb.ts'
import { listOf, secretSchema } from '../wire.ts'
import { readValue } from './read-value.ts'

interface DeployOptions extends WaitOptions {
  deploy?: boolean
}

/** `secret set|ls|rm`. A value is never an argument: others on the machine could read it there. */
export function declareSecret(command: Command, action: Action): void {
  const set = command
    .command('set')
    .description('set one; the value comes from standard input, or is asked for')
    .argument('<workspace>', 'its name; one that is not there yet begins with its secrets')
    .argument('<name>', 'as the manifest names it under secrets: capitals, digits and "_"')
    .option('--deploy', 'deploy what stands again, so that it holds at once')
  declareWaiting(set)
  set.action(
    action<DeployOptions>(async ({ args, options, terminal, platform }) => {
      const [workspace = '', name = ''] = args
      const value = await readValue(terminal, name)
      const client = await platform()
      const answer = await client.put(
        pathOf(workspace, name),
        Buffer.from(JSON.stringify({ value })),
        'application/json',
      )
      if (options.deploy) return await deployAgain(client, workspace, options, terminal)
      terminal.document(answer)
      terminal.line(`${name} is set; it holds from the next deployment of ${workspace} on`)
      return 0
    }),
  )

  command
    .command('ls')
    .description('names, since when and by whom; never a value')
    .argument('<workspace>', 'its name')
    .action(
      action(async ({ args, terminal, platform }) => {
        const answer = await (await platform()).get(pathOf(args[0] as string))
        terminal.document(answer)
        const secrets = listOf(answer, 'secrets').map((it) => secretSchema.parse(it))
        if (secrets.length === 0) terminal.line(`${args[0]} has no secrets.`)
        else
          terminal.table(
            ['NAME', 'SET', 'BY', 'NEEDED BY'],
            secrets.map((it) => [it.name, it.setAt, it.setBy, it.neededBy.join(', ')]),
          )
        return 0
      }),
    )

  const rm = command
    .command('rm')
    .description('take one away; what runs keeps it until it is deployed again')
    .argument('<workspace>', 'its name')
    .argument('<name>', 'which')
  rm.action(
    action(async ({ args, terminal, platform }) => {
      const [workspace = '', name = ''] = args
      await (await platform()).delete(pathOf(workspace, name))
      terminal.document({ workspace, name, removed: true })
      terminal.line(`${name} is gone; what runs of ${workspace} keeps it until it is deployed again`)
      return 0
    }),
  )
}

function pathOf(workspace: string, name?: string): string {
  const base = `/v1/workspaces/${encodeURIComponent(workspace)}/secrets`
  return name === undefined ? base : `${base}/${encodeURIComponent(name)}`
}
