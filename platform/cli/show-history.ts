import { colourOf } from './progress/deployment-view.ts'
import type { Terminal } from './terminal.ts'
import type { ShownRelease } from './wire.ts'

/** What a workspace was made of, by number: what `rollback --to` can name. */
export function showHistory(terminal: Terminal, releases: readonly ShownRelease[]): void {
  if (releases.length === 0) return
  terminal.line()
  terminal.table(
    ['NUMBER', 'WHEN', 'WHAT', 'STATUS', 'SOURCE', ''],
    releases.map((it) => [
      String(it.number),
      it.accepted.slice(0, 19).replace('T', ' '),
      it.goesBackTo === undefined ? it.kind : `${it.kind} to ${it.goesBackTo}`,
      terminal.style(colourOf(it.status), it.status),
      sourceOf(it),
      it.stands ? 'stands now' : '',
    ]),
  )
}

function sourceOf({ ref, commit, artifact }: ShownRelease): string {
  if (commit !== undefined) return `${ref === undefined ? '' : `${ref} `}${commit.slice(0, 12)}`
  return artifact === undefined ? '' : `sent along, built ${artifact.slice(0, 12)}`
}
