import { PipiError } from '../../../catalog/errors.ts'
import { NAME } from '../../../engines/contract/words.ts'
import type { Client } from '../client.ts'
import { showDeployment } from '../show-deployment.ts'
import { showDrift } from '../show-drift.ts'
import { showHealth } from '../show-health.ts'
import { showHistory } from '../show-history.ts'
import { showDeployments } from '../show-list.ts'
import { urlsOf } from '../urls.ts'
import type { Verb } from '../verb.ts'
import {
  deploymentSchema,
  listOf,
  releaseSchema,
  type ShownDeployment,
  type ShownRelease,
  type ShownWorkspace,
  workspaceSchema,
} from '../wire.ts'

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
        const { deployment, workspace, history = [] } = await find(client, what)
        terminal.document(
          workspace === undefined
            ? deployment
            : { ...deployment, health: workspace.health, dns: workspace.dns, history },
        )
        if (workspace !== undefined) {
          terminal.line(whereItRuns(workspace))
          showHealth(terminal, workspace)
          if (workspace.dns.length > 0)
            terminal.line(
              `  in your DNS, so that its domains lead here (./pipi domains ${workspace.name} says whether it is so yet):`,
            )
          for (const { type, name, value } of workspace.dns)
            terminal.line(`    set ${type.padEnd(5)} ${name} -> ${value}`)
        }
        showDeployment(terminal, deployment)
        if (workspace !== undefined && workspace.drift.length > 0 && deployment.drift === undefined) {
          terminal.line('  differs from what was deployed (./pipi refresh --repair sets it back):')
          showDrift(terminal, workspace.drift)
        }
        showHistory(terminal, history)
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

interface Found {
  deployment: ShownDeployment
  workspace?: ShownWorkspace
  history?: ShownRelease[]
}

/** An id, else the latest deployment of the workspace of that name. */
async function find(client: Client, what: string): Promise<Found> {
  if (!NAME.test(what)) throw nothingCalled(what)
  try {
    return { deployment: await one(client, what) }
  } catch (error) {
    if (!(error instanceof PipiError) || error.code !== 'not-found') throw error
  }
  const latest = listOf(await client.get('/v1/deployments', { workspace: what, limit: '1' }), 'deployments')[0]
  if (latest === undefined) throw nothingCalled(what)
  const [workspace, releases] = await Promise.all([
    client.get(`/v1/workspaces/${what}`),
    client.get(`/v1/workspaces/${what}/history`),
  ])
  return {
    deployment: deploymentSchema.parse(latest),
    workspace: workspaceSchema.parse(workspace),
    history: listOf(releases, 'releases').map((it) => releaseSchema.parse(it)),
  }
}

function nothingCalled(what: string): PipiError {
  return new PipiError('not-found', `No deployment and no workspace is called ${JSON.stringify(what)}`, {
    hint: './pipi list shows the workspaces, ./pipi list --deployments what was done',
  })
}

function whereItRuns({ name, live, engine, region, suspended, endsAt, outputs }: ShownWorkspace): string {
  if (!live) return `${name} runs nowhere; last:`
  const urls = urlsOf(outputs).map(({ url }) => url)
  const still = suspended ? ', made to stand still' : ''
  const end = endsAt === undefined ? '' : `, until ${endsAt}`
  return `${name} runs on ${engine ?? '?'}${region ? ` (${region})` : ''}${urls.length > 0 ? ` at ${urls.join(' ')}` : ''}${still}${end}; last:`
}

async function one(client: Client, id: string): Promise<ShownDeployment> {
  return deploymentSchema.parse(await client.get(`/v1/deployments/${encodeURIComponent(id)}`))
}
