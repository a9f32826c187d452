import { randomUUID } from 'node:crypto'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'

interface ExtendOptions extends WaitOptions {
  ttl: string
  key?: string
}

const extend: Verb = {
  summary: 'give a workspace another end: it is deployed again as it stands, so that the lock has its say',
  declare: (command, action) => {
    command
      .argument('<workspace>', 'its name')
      .requiredOption('--ttl <duration>', 'from now on: 90m, 36h, 14d, 6w')
      .option('--key <key>', 'idempotency key: the same key twice is one deployment')
    declareWaiting(command)
    command.action(
      action<ExtendOptions>(async ({ args, options, terminal, platform }) => {
        const client = await platform()
        const body = { kind: 'deploy', workspace: args[0], asItStands: true, ttl: options.ttl }
        const deployment = deploymentSchema.parse(
          await client.post('/v1/deployments', body, options.key ?? randomUUID()),
        )
        return await conclude(client, deployment, options, terminal)
      }),
    )
  },
}
export default extend
