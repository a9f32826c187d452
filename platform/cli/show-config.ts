import type { Terminal } from './terminal.ts'
import type { ShownConfigValue } from './wire.ts'

const ORIGIN: Record<string, string> = {
  manifest: 'the manifest',
  workspace: 'set for all components',
  component: 'set for this component',
}

/** One line a variable: what the next deployment has, where it is from, and what runs now where that differs. */
export function showConfig(terminal: Terminal, values: ShownConfigValue[]): void {
  terminal.table(
    ['COMPONENT', 'NAME', 'VALUE', 'FROM', 'RUNS NOW WITH'],
    values.map(({ component, name, value, from, deployed }) => [
      component === '*' ? 'all' : component,
      name,
      value ?? '',
      value === undefined ? 'nowhere any more' : (ORIGIN[from ?? ''] ?? from ?? ''),
      deployed === value ? 'the same' : (deployed ?? 'nothing'),
    ]),
  )
}
