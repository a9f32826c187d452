import { showDeployments } from '../show-list.ts'
import { urlsOf } from '../urls.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema, listOf, type ShownWorkspace, workspaceSchema } from '../wire.ts'

interface ListOptions {
  deployments?: boolean
  workspace?: string
  status?: string
  limit?: string
  cursor?: string
}

const list: Verb = {
  summary: 'the workspaces and where they run; --deployments: what was done',
  declare: (command, action) => {
    command
      .option('--deployments', 'list deployments, newest first')
      .option('--workspace <name>', 'only deployments of this workspace')
      .option('--status <status>', 'only deployments in this state')
      .option('--limit <n>', 'how many at most')
      .option('--cursor <cursor>', 'go on where a page ended')
      .action(
        action<ListOptions>(async ({ options, terminal, platform }) => {
          const client = await platform()
          if (options.deployments || options.workspace !== undefined || options.status !== undefined) {
            const { workspace, status, limit, cursor } = options
            const page = await client.get('/v1/deployments', { workspace, status, limit, cursor })
            terminal.document(page)
            showDeployments(
              terminal,
              listOf(page, 'deployments').map((it) => deploymentSchema.parse(it)),
            )
            const next = (page as { next?: string; cursor?: string }).next
            if (next) terminal.note(`There are more: --cursor ${next}`)
            return 0
          }
          const answer = await client.get('/v1/workspaces')
          terminal.document(answer)
          const workspaces = listOf(answer, 'workspaces').map((it) => workspaceSchema.parse(it))
          if (workspaces.length === 0)
            terminal.line('No workspace yet. Deploy one: ./pipi deploy examples/research-workspace')
          else terminal.table(['WORKSPACE', 'RUNS ON', 'LAST', 'ENDS', 'ADDRESSES'], workspaces.map(row))
          return 0
        }),
      )
  },
}
export default list

function row({ name, live, engine, suspended, endsAt, outputs, last }: ShownWorkspace): string[] {
  const urls = urlsOf(outputs).map(({ url }) => url)
  const place = live ? `${engine ?? ''}${suspended ? ' (stands still)' : ''}` : ''
  const done = last === undefined ? '' : `${last.kind} ${last.status}`
  return [name, place, done, endsAt ?? '', urls.join('\n')]
}
