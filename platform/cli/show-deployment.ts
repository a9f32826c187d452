import { colourOf, nameOf } from './progress/deployment-view.ts'
import type { Terminal } from './terminal.ts'
import { urlsOf } from './urls.ts'
import type { ShownDeployment, ShownRefusal } from './wire.ts'

/** How one deployment ended, or where it stands, for people. */
export function showDeployment(terminal: Terminal, deployment: ShownDeployment): void {
  const where = deployment.engine === undefined ? '' : ` on ${deployment.engine}`
  const status = terminal.style(colourOf(deployment.status), deployment.status)
  terminal.line(
    `${terminal.style('bold', deployment.workspace)}${where}: ${deployment.kind} ${status}  ${terminal.style('dim', deployment.id)}`,
  )
  if (deployment.waitingFor !== undefined) terminal.line(`  waits for  ${deployment.waitingFor}`)
  if (deployment.commit !== undefined) terminal.line(`  commit     ${deployment.commit}`)
  for (const [name, value] of Object.entries(deployment.outputs ?? {})) {
    terminal.line(`  ${name.padEnd(10)} ${outputText(value)}`)
  }
  for (const resource of deployment.resources ?? []) {
    terminal.line(`  ${terminal.style('dim', '·')} ${nameOf(resource.urn)} ${terminal.style('dim', resource.type)}`)
  }
  if (deployment.refusal !== undefined) showRefusal(terminal, deployment.refusal)
  const error = deployment.error
  if (error === undefined) return
  const phase = error.phase === undefined ? '' : ` while ${error.phase}`
  terminal.line(
    `  ${terminal.style('red', 'error')}${phase}  ${error.message} ${terminal.style('dim', `(${error.code})`)}`,
  )
  for (const line of error.lines ?? []) terminal.line(`    ${terminal.style('dim', '│')} ${line}`)
  if (error.hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${error.hint}`)
}

/** Which resource, which meter, its limit, who holds it, and what would be free instead. */
function showRefusal(terminal: Terminal, refusal: ShownRefusal): void {
  terminal.line(
    `  ${terminal.style('yellow', 'refused')}  ${refusal.message ?? refusal.code} ${terminal.style('dim', `(${refusal.code})`)}`,
  )
  if (refusal.resource !== undefined) terminal.line(`    resource  ${refusal.resource}`)
  if (refusal.meter !== undefined) {
    const unit = refusal.unit === undefined ? '' : ` ${refusal.unit}`
    const figures = [
      refusal.limit === undefined ? undefined : `limit ${refusal.limit}${unit}`,
      refusal.held === undefined ? undefined : `held ${refusal.held}`,
      refusal.asked === undefined ? undefined : `asked ${refusal.asked}`,
    ].filter((figure) => figure !== undefined)
    terminal.line(`    meter     ${refusal.meter}: ${figures.join(', ')}`)
  }
  for (const holder of refusal.holders ?? []) {
    const amount = holder.amount === undefined ? '' : `  ${holder.amount}`
    const resource = holder.resource === undefined ? '' : ` (${nameOf(holder.resource)})`
    terminal.line(`    held by   ${holder.workspace}${resource}${amount}`)
  }
  if (refusal.hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${refusal.hint}`)
}

function outputText(value: unknown): string {
  const [only, ...more] = urlsOf({ value })
  if (only !== undefined && more.length === 0 && Object.keys(Object(value)).length <= 1) return only.url
  return typeof value === 'string' ? value : JSON.stringify(value)
}
