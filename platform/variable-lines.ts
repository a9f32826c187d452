import { PipiError } from '../catalog/errors.ts'

const START = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/
const AFTER_QUOTE = /^[ \t]*(?:#.*)?$/

/**
 * Variables by name, of lines of NAME=value; blank lines and those that begin with "#" are none. What holds a "#", or has
 * several lines, stands in quotes: '…' as it is, "…" with \n for a line's end. A secret is never cut silently: throws
 * `input.invalid` for whatever could be read in two ways, with the number and the name of its line and never with a value.
 */
export function readVariables(text: string): Record<string, string> {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const values: Record<string, string> = {}
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string
    if (/^[ \t]*(#|$)/.test(line)) continue
    const [start, name] = START.exec(line) ?? []
    if (start === undefined || name === undefined) throw unclear(`line ${at + 1} is none of NAME=value`)
    const where = `line ${at + 1} (${name})`
    const given = line.slice(start.length)
    if (!/^["'`]/.test(given)) {
      if (given.includes('#')) throw unclear(`${where} has a "#" in a value without quotes`)
      values[name] = given.trim()
      continue
    }
    const quote = given[0] as string
    const rest = [given.slice(1), ...lines.slice(at + 1)].join('\n')
    const end = rest.indexOf(quote)
    if (end === -1) throw unclear(`${where} opens a quote that nothing closes`)
    const inner = rest.slice(0, end)
    if (!AFTER_QUOTE.test(rest.slice(end + 1).split('\n', 1)[0] as string))
      throw unclear(`${where} goes on after the quote that closes its value`)
    values[name] = quote === '"' ? inner.replaceAll('\\n', '\n') : inner
    at += inner.split('\n').length - 1
  }
  return values
}

function unclear(what: string): PipiError {
  return new PipiError('input.invalid', `expected lines of NAME=value: ${what}`, {
    hint: "put a value that holds a # or has several lines in quotes: NAME='…'",
  })
}
