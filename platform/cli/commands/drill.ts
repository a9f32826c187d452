import { PipiError } from '../../../catalog/errors.ts'
import type { Drill, DrillResult } from '../../drill/parts/result.ts'
import { loadNamed, modulesIn } from '../named-modules.ts'
import type { Verb } from '../verb.ts'

interface DrillFlags {
  seed?: string
  lives?: string
  real?: string
  days?: string
  rounds?: string
}

const FOLDER = new URL('../../drill/', import.meta.url)

const drill: Verb = {
  summary: 'prove it under fire, in a world of its own: ls, quarter, race',
  declare: (command, action) => {
    command
      .argument('[name]', 'which drill; nothing or "ls": list what there is')
      .option('--seed <text>', 'the same seed, the same drill', '1')
      .option('--lives <n>', 'quarter: workspaces that are asked for', '20000')
      .option('--real <n>', 'quarter: deployments through the real Pulumi engine', '200')
      .option('--days <n>', 'quarter: how many days', '92')
      .option('--rounds <n>', 'race: how many races', '20')
      .action(
        action<DrillFlags>(async ({ args, options, terminal }) => {
          const name = args[0] ?? 'ls'
          const drills = await modulesIn(FOLDER)
          if (name === 'ls') {
            const names = [...drills.keys()]
            terminal.document({ items: names })
            for (const each of names) terminal.line(each)
            return 0
          }
          const module = await loadNamed<{ default: Drill }>(drills, 'drill', name)
          const leaving = new AbortController()
          const leave = () => leaving.abort(new Error('interrupted'))
          process.once('SIGINT', leave)
          process.once('SIGTERM', leave)
          try {
            const result = await module.default({
              seed: options.seed ?? '1',
              lives: wholeNumber('--lives', options.lives, 1_000_000),
              real: wholeNumber('--real', options.real, 10_000),
              days: wholeNumber('--days', options.days, 366),
              rounds: wholeNumber('--rounds', options.rounds, 1_000),
              log: (line) => terminal.note(terminal.style('dim', line)),
              signal: leaving.signal,
            })
            terminal.document(result)
            for (const line of linesOf(result)) terminal.line(line)
            return result.passed ? 0 : 1
          } finally {
            process.removeListener('SIGINT', leave)
            process.removeListener('SIGTERM', leave)
          }
        }),
      )
  },
}
export default drill

function linesOf(result: DrillResult): string[] {
  const { name, injected, lost, doubled, orphans, leaked, bill, utilisation, recovery, passed } = result
  return [
    `${name}: ${passed ? 'passed' : 'NOT PASSED'}`,
    `injected ${injected}, lost ${lost}, doubled ${doubled}, orphans ${orphans}, leaked ${leaked}`,
    ...(bill === undefined ? [] : [`the witness' bill: ${bill.toFixed(2)} USD`]),
    ...(utilisation === undefined ? [] : [`granted: ${(utilisation * 100).toFixed(1)} % of the best possible`]),
    `recovery: median ${recovery.median} ms, worst ${recovery.worst} ms`,
    'all of it: --json',
  ]
}

function wholeNumber(flag: string, text: string | undefined, most: number): number {
  const number = Number(text)
  if (!/^\d{1,7}$/.test(text ?? '') || number > most)
    throw new PipiError('input.invalid', `${flag} wants a whole number up to ${most}, got ${JSON.stringify(text)}`)
  return number
}
