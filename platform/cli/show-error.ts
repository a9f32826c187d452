import type { PipiError, Problem } from '../../catalog/errors.ts'
import type { Terminal } from './terminal.ts'

/** Tells an error the way it was meant: what happened, each place, what to do next. With `--json` one document on stdout. */
export function showError(terminal: Terminal, error: PipiError): void {
  terminal.document({ error: error.toJSON() })
  terminal.note(`${terminal.style('red', 'error')} ${error.message} ${terminal.style('dim', `(${error.code})`)}`)
  for (const problem of error.problems) terminal.note(`  ${placeOf(problem)}${sentence(problem)}`)
  for (const line of linesOf(error)) terminal.note(`  ${terminal.style('dim', '│')} ${line}`)
  if (error.hint !== undefined) terminal.note(`${terminal.style('cyan', 'hint')}  ${error.hint}`)
}

function placeOf(problem: Problem): string {
  if (problem.file === undefined && problem.line === undefined) return ''
  const place = [problem.file ?? 'workspace.yaml', problem.line, problem.column].filter((part) => part !== undefined)
  return `${place.join(':')}  `
}

function sentence(problem: Problem): string {
  // A message that stands alone in an answer names its place already.
  const named = problem.path === undefined || problem.path === '' || problem.message.startsWith(`${problem.path}: `)
  const path = named ? '' : `${problem.path}: `
  const allowed = problem.allowed === undefined ? '' : ` (allowed: ${problem.allowed})`
  return `${path}${problem.message}${allowed}`
}

/** The last lines of what failed, where the error carries them. */
function linesOf(error: PipiError): string[] {
  const lines = error.data.lines
  return Array.isArray(lines) ? lines.map(String) : []
}
