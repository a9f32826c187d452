import { colourOf } from './progress/deployment-view.ts'
import type { Terminal } from './terminal.ts'
import type { ShownDeployment } from './wire.ts'

/** Deployments as a table, with what each unfinished one waits for. */
export function showDeployments(terminal: Terminal, deployments: ShownDeployment[]): void {
  if (deployments.length === 0) {
    terminal.line('No deployments.')
    return
  }
  terminal.table(
    ['ID', 'WORKSPACE', 'KIND', 'ENGINE', 'STATUS', 'WHY'],
    deployments.map((it) => [
      it.id,
      it.workspace,
      it.kind,
      it.engine ?? '',
      terminal.style(colourOf(it.status), it.status),
      it.waitingFor ?? it.refusal?.message ?? it.error?.message ?? '',
    ]),
  )
}
