import { randomUUID } from 'node:crypto'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'

interface RefreshOptions extends WaitOptions {
  repair?: boolean
  key?: string
}

const refresh: Verb = {
  summary: 'compare what runs with its platform; --repair: set back what was changed there',
  declare: (command, action) => {
    command
      .argument('<workspace>', 'its name')
      .option('--repair', 'set back what differs, through the lock, whatever the manifest says under upkeep.drift')
      .option('--key <key>', 'idempotency key: the same key twice is one deployment')
    declareWaiting(command)
    command.action(
      action<RefreshOptions>(async ({ args, options, terminal, platform }) => {
        const client = await platform()
        const body = { kind: 'refresh', workspace: args[0], ...(options.repair && { repair: true }) }
        const deployment = deploymentSchema.parse(
          await client.post('/v1/deployments', body, options.key ?? randomUUID()),
        )
        return await conclude(client, deployment, options, terminal)
      }),
    )
  },
}
export default refresh
