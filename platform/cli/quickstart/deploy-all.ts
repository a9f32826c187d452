import { randomUUID } from 'node:crypto'
import type { Client } from '../client.ts'
import { isAboutProvider, newView, seeDeployment, seeLine, storyText, viewLines } from '../progress/deployment-view.ts'
import { follow } from '../progress/follow.ts'
import { openLiveBlock } from '../progress/live.ts'
import type { Terminal } from '../terminal.ts'
import { deploymentSchema, type ShownDeployment } from '../wire.ts'

export interface Request {
  workspace: string
  engine: string
  manifest: string
  git: { url: string; ref: string }
}

/** Deploys side by side and shows how far each is. Gives the ends, in the order of the requests. */
export async function deployAll(
  client: Client,
  requests: Request[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ShownDeployment[]> {
  const views = requests.map((it) => newView(`${it.workspace} → ${it.engine}`, Date.now()))
  const block = terminal.live
    ? openLiveBlock(terminal, (tick) => views.flatMap((view) => viewLines(view, terminal, Date.now(), tick)))
    : undefined
  try {
    return await Promise.all(
      requests.map(async (request, at) => {
        const view = views[at] as (typeof views)[number]
        const accepted = deploymentSchema.parse(await client.post('/v1/deployments', bodyOf(request), randomUUID()))
        seeDeployment(view, accepted, Date.now())
        let said = ''
        return await follow(
          client,
          accepted.id,
          {
            deployment: (seen) => {
              seeDeployment(view, seen, Date.now())
              if (block === undefined && seen.status !== said) terminal.note(`${view.label}: ${seen.status}`)
              said = seen.status
            },
            line: (line) => {
              seeLine(view, line)
              if (block === undefined && !isAboutProvider(line)) {
                terminal.note(`${view.label}: ${storyText(line, terminal)}`)
              }
            },
          },
          signal,
        )
      }),
    )
  } finally {
    block?.stop()
  }
}

function bodyOf(request: Request): Record<string, unknown> {
  const { manifest, engine, git } = request
  return {
    kind: 'deploy',
    manifest,
    file: 'workspace.yaml',
    engine,
    source: { kind: 'git', url: git.url, ref: git.ref, path: '.' },
  }
}
