import { randomUUID } from 'node:crypto'
import { PipiError } from '../../../catalog/errors.ts'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'

interface DestroyOptions extends WaitOptions {
  yes?: boolean
  deleteData?: boolean
  key?: string
}

const destroy: Verb = {
  summary: 'take a workspace down, and give back all it held',
  declare: (command, action) => {
    command
      .argument('<workspace>', 'its name')
      .option('-y, --yes', 'do not ask')
      .option('--delete-data', "delete users' data (databases, stores, volumes) as well; else it stays")
      .option('--key <key>', 'idempotency key: the same key twice is one deployment')
    declareWaiting(command)
    command.action(
      action<DestroyOptions>(async ({ args, options, terminal, platform }) => {
        const workspace = args[0] as string
        if (options.yes !== true) {
          if (!terminal.interactive || terminal.json) {
            throw new PipiError('input.invalid', 'destroy asks before it acts, and there is nobody to ask', {
              hint: `Say it yourself: ./pipi destroy ${workspace} --yes`,
            })
          }
          const answer = await terminal.ask(
            `Take down ${workspace}${options.deleteData ? ' AND DELETE ITS DATA' : ''}? Type its name to go on: `,
          )
          if (answer !== workspace)
            throw new PipiError('input.invalid', 'Nothing was done', { hint: 'The name typed was another one.' })
        }
        const client = await platform()
        const body = { kind: 'destroy', workspace, ...(options.deleteData && { deleteData: true }) }
        const deployment = deploymentSchema.parse(
          await client.post('/v1/deployments', body, options.key ?? randomUUID()),
        )
        return await conclude(client, deployment, options, terminal)
      }),
    )
  },
}
export default destroy
