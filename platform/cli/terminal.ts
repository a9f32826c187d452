import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a verb writes: results to stdout, everything about the way there to stderr. */
export interface Terminal {
  /** `--json`: stdout gets exactly one JSON document (or one per line when following). */
  readonly json: boolean
  /** Whether lines may be redrawn in place. */
  readonly live: boolean
  readonly width: number
  readonly height: number
  /** Whether somebody is there to be asked. */
  readonly interactive: boolean
  style(style: Style, text: string): string
  /** A line of the result for people; silent with `--json`. */
  line(text?: string): void
  /** A line about the way there, to stderr: it is never in the way of what stdout is read for. */
  note(text: string): void
  /** The result as JSON; silent without `--json`. `line: true` for one document a line. */
  document(value: unknown, options?: { line?: boolean }): void
  /** A table for people; silent with `--json`. */
  table(head: string[], rows: string[][]): void
  /** Raw bytes to stderr, for redrawing. */
  draw(text: string): void
  /** What was typed; empty when the question was closed. */
  ask(question: string): Promise<string>
  /** Likewise, and nothing of it is shown; only while `interactive`. */
  askHidden(question: string): Promise<string>
}

export function openTerminal(json: boolean): Terminal {
  const out = process.stdout
  const err = process.stderr
  return {
    json,
    live: !json && err.isTTY === true,
    get width() {
      // A terminal that does not know its size says 0.
      return err.isTTY && err.columns > 20 ? err.columns : 100
    },
    get height() {
      return err.isTTY && err.rows > 4 ? err.rows : 24
    },
    interactive: process.stdin.isTTY === true && err.isTTY === true,
    style: (style, text) => styleText(style, text, { stream: out }),
    line: (text = '') => {
      if (!json) out.write(`${printable(text)}\n`)
    },
    note: (text) => {
      err.write(`${printable(text)}\n`)
    },
    document: (value, options) => {
      if (json) out.write(`${options?.line ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`)
    },
    table: (head, rows) => {
      if (!json) out.write(`${printable(layOut(head, rows, (text) => styleText('bold', text, { stream: out })))}\n`)
    },
    draw: (text) => {
      err.write(text)
    },
    ask: async (question) => (await answered(question, err)).trim(),
    askHidden: async (question) => {
      err.write(question)
      // What is typed is echoed by the line editor, into nowhere.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
      const answer = await answered('', nowhere)
      err.write('\n')
      return answer
    },
  }
}

async function answered(question: string, output: NodeJS.WritableStream): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true })
  // Ctrl-C and Ctrl-D close the question: no answer is an empty one.
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')))
  try {
    return await Promise.race([reader.question(question), closed])
  } finally {
    reader.close()
  }
}

/** Columns side by side, as wide as their widest cell. Cells may hold several lines. */
export function layOut(head: string[], rows: string[][], bold: (text: string) => string = (text) => text): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.flatMap((row) => (row[column] ?? '').split('\n').map(visibleLength))),
  )
  const render = (cells: string[], paint: (text: string) => string) => {
    const lines = cells.map((cell) => cell.split('\n'))
    const height = Math.max(...lines.map((cell) => cell.length))
    return Array.from({ length: height }, (_, at) =>
      widths
        .map((width, column) => {
          const text = lines[column]?.[at] ?? ''
          return paint(text) + ' '.repeat(Math.max(0, width - visibleLength(text)))
        })
        .join('  ')
        .trimEnd(),
    )
  }
  return [...render(head, bold), ...rows.flatMap((row) => render(row, (text) => text))].join('\n')
}

const COLOUR = '\\u001b\\[[0-9;]*m'
const COLOURS = new RegExp(COLOUR, 'g')
const COLOUR_KEPT = new RegExp(`(${COLOUR})`)
const CONTROL = new RegExp(`${COLOUR}|[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]`, 'g')

/** What a platform, a build or a manifest says must not be able to steer the terminal: only colours and line ends pass. */
export function printable(text: string): string {
  return text.replace(CONTROL, (found) => (found.length > 1 ? found : ''))
}

/** How much room a text takes; colours take none. */
export function visibleLength(text: string): number {
  return text.replace(COLOURS, '').length
}

/** A text cut at its colour codes, which stay as parts of their own. */
export function colourParts(text: string): string[] {
  return text.split(COLOUR_KEPT)
}
