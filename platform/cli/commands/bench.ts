import { PipiError } from '../../../catalog/errors.ts'
import { loadNamed, modulesIn } from '../named-modules.ts'
import type { Verb } from '../verb.ts'

interface Side {
  median: number
  spread: number
  unit: string
}

/** What every file of `platform/bench/` leaves. */
interface Measured {
  name: string
  ours: Side
  theirs: Side
  ratio: number
  runs: number
  parts?: Measured[]
}

interface BenchOptions {
  runs?: string
  clients?: string
  holdings?: string
}

/** What every file of `platform/bench/` takes; each looks at what concerns it. */
interface Measure {
  runs: number | undefined
  clients: number[] | undefined
  holdings: number[] | undefined
  log(line: string): void
}

const FOLDER = new URL('../../bench/', import.meta.url)

const bench: Verb = {
  summary: 'measure ourselves beside what one would use instead',
  declare: (command, action) => {
    command
      .argument('[name]', 'what to measure; nothing: list what there is')
      .option('--runs <n>', 'how often each side runs')
      .option('--clients <list>', 'ledger: how many at a time, as 1,8,64')
      .option('--holdings <few,many>', 'ledger: how many live at least and at most, as 1000,100000')
      .action(
        action<BenchOptions>(async ({ args, options, terminal }) => {
          const benchmarks = await modulesIn(FOLDER)
          const name = args[0]
          if (name === undefined) {
            const names = [...benchmarks.keys()]
            terminal.document({ items: names })
            for (const each of names) terminal.line(each)
            return 0
          }
          const module = await loadNamed<{ default(options: Measure): Promise<Measured> }>(
            benchmarks,
            'benchmark',
            name,
          )
          const measured = await module.default({
            runs: numbers('--runs', options.runs, 9_999, 1)?.[0],
            clients: numbers('--clients', options.clients, 150),
            holdings: numbers('--holdings', options.holdings, 1_000_000, 2),
            log: (line) => terminal.note(terminal.style('dim', line)),
          })
          terminal.document(measured)
          for (const part of measured.parts ?? [measured]) terminal.line(sentence(part))
          return 0
        }),
      )
  },
}
export default bench

function sentence(part: Measured): string {
  const figure = (value: number) => (value < 10 ? value.toFixed(3) : value.toFixed(0))
  const side = (it: Side) => `${figure(it.median)} ${it.unit} (± ${figure(it.spread)})`
  return `${part.name}: ours ${side(part.ours)}, theirs ${side(part.theirs)}, ratio ${part.ratio.toFixed(2)}, ${part.runs} runs`
}

/** Whole numbers from 1 to `most`, with commas between; `exactly` so many of them where that is said. */
function numbers(option: string, text: string | undefined, most: number, exactly?: number): number[] | undefined {
  if (text === undefined) return undefined
  const given = text.split(',')
  const good = given.every((each) => /^[1-9]\d{0,6}$/.test(each) && Number(each) <= most)
  if (good && (exactly === undefined || given.length === exactly)) return given.map(Number)
  const wanted = exactly === 1 ? 'a number' : exactly === undefined ? 'numbers' : `${exactly} numbers`
  throw new PipiError('input.invalid', `${option} wants ${wanted} from 1 to ${most}, got ${JSON.stringify(text)}`)
}
