import { PipiError } from '../../../catalog/errors.ts'
import { isFinal } from '../../../factory/contract/status.ts'
import type { Client } from '../client.ts'
import { DETACHED } from '../exit-codes.ts'
import type { Terminal } from '../terminal.ts'
import type { ShownDeployment } from '../wire.ts'
import { isAboutProvider, newView, seeDeployment, seeLine, storyText, viewLines } from './deployment-view.ts'
import { follow } from './follow.ts'
import { openLiveBlock } from './live.ts'

export type Waited = { ended: true; deployment: ShownDeployment } | { ended: false; code: number }

/**
 * Shows one deployment's way until it ends, Ctrl-C detaches, or `timeoutSeconds` pass. Detaching stops nothing: the work
 * is the platform's.
 */
export async function waitFor(
  client: Client,
  deployment: ShownDeployment,
  terminal: Terminal,
  timeoutSeconds: number | undefined,
): Promise<Waited> {
  const view = newView(`${deployment.kind} ${deployment.workspace}`, Date.now())
  seeDeployment(view, deployment, Date.now())
  const leaving = new AbortController()
  const detach = () => leaving.abort('detached')
  process.once('SIGINT', detach)
  process.once('SIGTERM', detach)
  const timer =
    timeoutSeconds === undefined ? undefined : setTimeout(() => leaving.abort('timeout'), timeoutSeconds * 1000)
  const block = terminal.live
    ? openLiveBlock(terminal, (tick) => viewLines(view, terminal, Date.now(), tick))
    : undefined
  let said = ''
  try {
    const ended = await follow(
      client,
      deployment.id,
      {
        deployment: (seen) => {
          seeDeployment(view, seen, Date.now())
          const now = `${seen.status}${seen.waitingFor === undefined ? '' : `: ${seen.waitingFor}`}`
          if (block === undefined && now !== said && !isFinal(seen.status)) terminal.note(terminal.style('dim', now))
          said = now
        },
        line: (line) => {
          seeLine(view, line)
          if (block === undefined && !isAboutProvider(line)) terminal.note(storyText(line, terminal))
        },
      },
      leaving.signal,
    )
    return { ended: true, deployment: ended }
  } catch (error) {
    if (!leaving.signal.aborted) throw error
    if (leaving.signal.reason === 'timeout') {
      throw new PipiError('deadline.passed', `${deployment.id} has not ended within ${timeoutSeconds} s; it goes on`, {
        hint: howToGoOn(deployment.id),
      })
    }
    terminal.note(`\nDetached: ${deployment.id} goes on at the platform.\n${howToGoOn(deployment.id)}`)
    terminal.document({ ...(view.deployment ?? deployment), detached: true })
    return { ended: false, code: DETACHED }
  } finally {
    block?.stop()
    clearTimeout(timer)
    process.removeListener('SIGINT', detach)
    process.removeListener('SIGTERM', detach)
  }
}

export function howToGoOn(id: string): string {
  return `Watch it again: ./pipi logs ${id} -f      Cancel it: ./pipi cancel ${id}`
}
