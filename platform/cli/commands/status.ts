import { PipiError } from '../../../catalog/errors.ts'
import type { Client } from '../client.ts'
import { showDeployment } from '../show-deployment.ts'
import { showDeployments } from '../show-list.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema, listOf, type ShownDeployment } from '../wire.ts'

const status: Verb = {
  summary: 'where a deployment or a workspace stands, and what it waits for',
  declare: (command, action) => {
    command.argument('[what]', "a deployment's id or a workspace's name; nothing: all that is under way").action(
      action(async ({ args, terminal, platform }) => {
        const client = await platform()
        const what = args[0]
        if (what === undefined) {
          const running = await unfinished(client)
          terminal.document({ items: running })
          if (running.length === 0) terminal.line('Nothing is under way.')
          else showDeployments(terminal, running)
          return 0
        }
        const deployment = await find(client, what)
        terminal.document(deployment)
        showDeployment(terminal, deployment)
        return 0
      }),
    )
  },
}
export default status

async function unfinished(client: Client): Promise<ShownDeployment[]> {
  const queue = listOf(await client.get('/v1/queue'), 'queue')
  const ids = queue.map((entry) => String(entry.id ?? entry.deployment))
  return await Promise.all(ids.map((id) => one(client, id)))
}

/** An id, else the latest deployment of the workspace of that name. */
async function find(client: Client, what: string): Promise<ShownDeployment> {
  try {
    return await one(client, what)
  } catch (error) {
    const mayBeName = error instanceof PipiError && (error.code === 'not-found' || error.code === 'input.invalid')
    if (!mayBeName) throw error
    const latest = listOf(await client.get('/v1/deployments', { workspace: what, limit: '1' }), 'deployments')[0]
    if (latest !== undefined) return deploymentSchema.parse(latest)
    throw new PipiError('not-found', `No deployment and no workspace is called ${JSON.stringify(what)}`, {
      hint: './pipi list shows the workspaces',
    })
  }
}

async function one(client: Client, id: string): Promise<ShownDeployment> {
  return deploymentSchema.parse(await client.get(`/v1/deployments/${encodeURIComponent(id)}`))
}
