import { colourOf, nameOf } from './progress/deployment-view.ts'
import { showDrift } from './show-drift.ts'
import { showPlan } from './show-plan.ts'
import { showRefusal } from './show-refusal.ts'
import type { Terminal } from './terminal.ts'
import { urlsOf } from './urls.ts'
import type { ShownDeployment } from './wire.ts'

/** How one deployment ended, or where it stands, for people. */
export function showDeployment(terminal: Terminal, deployment: ShownDeployment): void {
  const { workspace, engine, region, kind, waitingFor, commit, endsAt, goesBackTo, drift, choice } = deployment
  const place = engine === undefined ? '' : ` on ${engine}${region ? ` (${region})` : ''}`
  const status = terminal.style(colourOf(deployment.status), deployment.status)
  terminal.line(
    `${terminal.style('bold', workspace)}${place}: ${kind} ${status}  ${terminal.style('dim', deployment.id)}`,
  )
  if (waitingFor !== undefined) terminal.line(`  waits for  ${waitingFor}`)
  if (goesBackTo !== undefined) terminal.line(`  back to    number ${goesBackTo}`)
  if (commit !== undefined) terminal.line(`  commit     ${commit}`)
  if (endsAt !== undefined) terminal.line(`  ends       ${endsAt}`)
  for (const [index, { engine: code, could, reason }] of (choice ?? []).entries()) {
    const mark = index === 0 && could ? terminal.style('green', 'chosen') : could ? 'could ' : 'not   '
    terminal.line(`  ${mark}     ${code}: ${reason}`)
  }
  if (kind === 'preview') showPlan(terminal, deployment.outputs ?? {})
  else showWhatStands(terminal, deployment)
  if (drift !== undefined) {
    if (drift.found.length === 0) terminal.line('  all stands as it was deployed')
    showDrift(terminal, drift.found, drift.repaired)
  }
  if (deployment.refusal !== undefined) showRefusal(terminal, deployment.refusal)
  if (deployment.error !== undefined) showFailure(terminal, deployment.error)
}

function showWhatStands(terminal: Terminal, { kind, status, outputs = {}, resources = [] }: ShownDeployment): void {
  for (const { name, url } of urlsOf(outputs)) terminal.line(`  ${name.padEnd(10)} ${url}`)
  const left = kind === 'destroy' && status === 'succeeded' && resources.length > 0
  if (left) terminal.line('  left, since it holds data (--delete-data takes it away as well):')
  for (const resource of resources) {
    terminal.line(`  ${terminal.style('dim', '·')} ${nameOf(resource.urn)} ${terminal.style('dim', resource.type)}`)
  }
}

/** The phase, what went wrong, the last lines, and what to do. */
function showFailure(terminal: Terminal, error: NonNullable<ShownDeployment['error']>): void {
  const phase = error.phase === undefined ? '' : ` while ${error.phase}`
  const code = terminal.style('dim', `(${error.code})`)
  terminal.line(`  ${terminal.style('red', 'error')}${phase}  ${error.message} ${code}`)
  for (const line of error.lines ?? []) terminal.line(`    ${terminal.style('dim', '│')} ${line}`)
  if (error.hint !== undefined) terminal.line(`  ${terminal.style('cyan', 'hint')}  ${error.hint}`)
}
