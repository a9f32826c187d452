import { randomUUID } from 'node:crypto'
import { InvalidArgumentError } from 'commander'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'

interface RollbackOptions extends WaitOptions {
  to?: number
  key?: string
}

const rollback: Verb = {
  summary:
    "bring back what a workspace was before: that commit, configuration and artifact; users' data stays as it is",
  declare: (command, action) => {
    command
      .argument('<workspace>', 'its name')
      .option(
        '--to <n>',
        'the number of what is wanted again, from ./pipi status WORKSPACE; else the one before',
        whole,
      )
      .option('--key <key>', 'idempotency key: the same key twice is one deployment')
    declareWaiting(command)
    command.action(
      action<RollbackOptions>(async ({ args, options, terminal, platform }) => {
        const client = await platform()
        const body = { kind: 'rollback', workspace: args[0], ...(options.to !== undefined && { to: options.to }) }
        const deployment = deploymentSchema.parse(
          await client.post('/v1/deployments', body, options.key ?? randomUUID()),
        )
        return await conclude(client, deployment, options, terminal)
      }),
    )
  },
}
export default rollback

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number above 0 is wanted')
  return Number(text)
}
