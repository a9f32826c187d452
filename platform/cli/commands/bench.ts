import { readdir } from 'node:fs/promises'
import { PipiError } from '../../../catalog/errors.ts'
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
}

const FOLDER = new URL('../../bench/', import.meta.url)

const bench: Verb = {
  summary: 'measure ourselves beside what one would use instead',
  declare: (command, action) => {
    command
      .argument('[name]', 'what to measure; nothing: list what there is')
      .option('--runs <n>', 'how often each side runs')
      .action(
        action<BenchOptions>(async ({ args, options, terminal }) => {
          const names = await benchNames()
          const name = args[0]
          if (name === undefined) {
            terminal.document({ items: names })
            for (const each of names) terminal.line(each)
            return 0
          }
          if (!names.includes(name)) {
            throw new PipiError('not-found', `There is no benchmark ${JSON.stringify(name)}`, {
              hint: `There are: ${names.join(', ')}`,
            })
          }
          const module = (await import(new URL(`${name}.ts`, FOLDER).href)) as {
            default(options: { runs: number | undefined; log(line: string): void }): Promise<Measured>
          }
          const runs = options.runs === undefined ? undefined : wholeNumber(options.runs)
          const measured = await module.default({ runs, log: (line) => terminal.note(terminal.style('dim', line)) })
          terminal.document(measured)
          for (const part of measured.parts ?? [measured]) terminal.line(sentence(part))
          return 0
        }),
      )
  },
}
export default bench

async function benchNames(): Promise<string[]> {
  const files = await readdir(FOLDER).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return files.filter((file) => /^[a-z-]+\.ts$/.test(file)).map((file) => file.slice(0, -3))
}

function sentence(part: Measured): string {
  const side = (it: Side) => `${it.median.toFixed(0)} ${it.unit} (± ${it.spread.toFixed(0)})`
  return `${part.name}: ours ${side(part.ours)}, theirs ${side(part.theirs)}, ratio ${part.ratio.toFixed(2)}, ${part.runs} runs`
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new PipiError('input.invalid', `--runs wants a number from 1 to 9999, got ${JSON.stringify(text)}`)
  return Number(text)
}
