import { CST, Lexer } from 'yaml'

export interface Found {
  /** Position in the text. */
  offset: number
  message: string
  allowed: string
}

/** Nesting of a manifest, in brackets or in one line. */
export const MAX_DEPTH = 16
const MAX_FOUND = 10

/**
 * Looks at the words of a YAML text before it is parsed, in one pass: what a parser spends seconds on, or what could
 * lead it astray, is found here. Empty when it may be parsed.
 */
export function scanYaml(text: string): Found[] {
  const found: Found[] = []
  let offset = 0
  let brackets = 0
  let inLine = 0
  let documents = 0
  let content = false
  for (const source of new Lexer().lex(text)) {
    const token = content ? null : CST.tokenType(source)
    content = false
    // Marks that the lexer puts in are not part of the text; one of them says that plain content comes next.
    if (token === 'doc-mode' || token === 'flow-error-end') continue
    if (token === 'scalar') {
      content = true
      continue
    }
    if (source.includes('\n')) inLine = 0
    if (token === 'flow-seq-start' || token === 'flow-map-start') brackets += 1
    if (token === 'flow-seq-end' || token === 'flow-map-end') brackets -= 1
    if (token === 'seq-item-ind' || token === 'explicit-key-ind' || (token === 'map-value-ind' && brackets === 0))
      inLine += 1
    if (token === 'doc-start') documents += 1

    if (brackets > MAX_DEPTH || inLine > MAX_DEPTH) {
      return [...found, { offset, message: 'nested too deeply', allowed: `at most ${MAX_DEPTH} levels` }]
    }
    if (token === 'anchor' || token === 'alias') {
      found.push({ offset, message: `an anchor or alias (${source.slice(0, 40)})`, allowed: 'write the value out' })
    }
    if (token === 'tag') found.push({ offset, message: `a tag (${source.slice(0, 40)})`, allowed: 'plain values' })
    if (documents > 1) {
      return [...found, { offset, message: 'a second document', allowed: 'one workspace in one file' }]
    }
    if (found.length >= MAX_FOUND) return found
    offset += source.length
  }
  return found
}
