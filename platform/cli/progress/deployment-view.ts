import { isFinal, type Status } from '../../../factory/contract/status.ts'
import type { Terminal } from '../terminal.ts'
import type { ShownDeployment, ShownStoryLine } from '../wire.ts'

/** What is known of one deployment that is being followed. */
export interface DeploymentView {
  label: string
  deployment: ShownDeployment | undefined
  startedAt: number
  endedAt: number | undefined
  /** The latest state of each resource, by URN, in the order they came. */
  resources: Map<string, { name: string; type: string; text: string }>
  lastLine: string
}

export function newView(label: string, now: number): DeploymentView {
  return { label, deployment: undefined, startedAt: now, endedAt: undefined, resources: new Map(), lastLine: '' }
}

export function seeDeployment(view: DeploymentView, deployment: ShownDeployment, now: number): void {
  view.deployment = deployment
  if (isFinal(deployment.status)) view.endedAt ??= now
}

export function seeLine(view: DeploymentView, line: ShownStoryLine): void {
  if (isAboutProvider(line)) return
  const urn = line.data?.urn
  if (typeof urn === 'string') {
    const status = typeof line.data?.status === 'string' ? line.data.status : line.text
    view.resources.set(urn, { name: nameOf(urn), type: String(line.data?.type ?? ''), text: status })
    return
  }
  if (line.text !== '') view.lastLine = line.text
}

const MARKS: Partial<Record<Status, string>> = {
  succeeded: '✔',
  failed: '✖',
  dead: '✖',
  refused: '■',
  cancelled: '○',
  superseded: '○',
}

/** One line on the deployment, then one for each resource that is under way. */
export function viewLines(view: DeploymentView, terminal: Terminal, now: number, tick: number): string[] {
  const status = view.deployment?.status ?? 'accepted'
  const seconds = (((view.endedAt ?? now) - view.startedAt) / 1000).toFixed(1)
  const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[tick % 10] as string
  const mark = terminal.style(colourOf(status), MARKS[status] ?? spinner)
  const waiting = view.deployment?.waitingFor
  const detail = isFinal(status) ? '' : (waiting ?? view.lastLine)
  const head = `${mark} ${terminal.style('bold', view.label)}  ${terminal.style(colourOf(status), status)}  ${seconds} s`
  const lines = [detail === '' ? head : `${head}  ${terminal.style('dim', detail)}`]
  if (isFinal(status)) return lines
  for (const resource of [...view.resources.values()].slice(-6)) {
    lines.push(
      `    ${terminal.style('dim', '·')} ${resource.name} ${terminal.style('dim', `${resource.type} ${resource.text}`)}`,
    )
  }
  return lines
}

/** Pulumi counts its own providers among the resources; nobody else does. */
export function isAboutProvider(line: ShownStoryLine): boolean {
  return typeof line.data?.type === 'string' && line.data.type.startsWith('pulumi:providers:')
}

/** A line of the story as it is printed where nothing can be redrawn, and by `logs`. */
export function storyText(line: ShownStoryLine, terminal: Terminal): string {
  const colour = line.level === 'error' ? 'red' : line.level === 'warn' ? 'yellow' : 'dim'
  return `${terminal.style(colour, (line.phase ?? '').padEnd(10))} ${line.text}`
}

export function nameOf(urn: string): string {
  return urn.split('::').at(-1) ?? urn
}

export function colourOf(status: Status): 'green' | 'red' | 'yellow' | 'cyan' {
  if (status === 'succeeded') return 'green'
  if (status === 'failed' || status === 'dead') return 'red'
  return isFinal(status) ? 'yellow' : 'cyan'
}
