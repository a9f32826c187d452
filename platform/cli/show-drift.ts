import { nameOf } from './progress/deployment-view.ts'
import type { Terminal } from './terminal.ts'
import type { ShownDrift } from './wire.ts'

/** What stands otherwise than it was deployed: was -> is, property by property. */
export function showDrift(terminal: Terminal, found: readonly ShownDrift[], repaired = false): void {
  for (const { urn, type, what, properties } of found) {
    const end = repaired ? terminal.style('green', '  set back') : ''
    const head = `${nameOf(urn)} ${terminal.style('dim', type)}`
    if (what === 'gone') {
      terminal.line(`  ${terminal.style('red', 'gone')}     ${head}${end}`)
      continue
    }
    const own = properties.every((property) => !property.declared)
    terminal.line(`  ${terminal.style('yellow', own ? 'noticed' : 'changed')}  ${head}${own ? '' : end}`)
    for (const { path, was, is, secret, declared } of properties) {
      const said = secret ? 'differs (a secret)' : `${was ?? 'nothing'} -> ${is ?? 'nothing'}`
      terminal.line(`           ${path}: ${said}${declared ? '' : terminal.style('dim', '  (by the platform)')}`)
    }
  }
}
