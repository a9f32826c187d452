import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'
import { PipiError, type Problem } from '../../catalog/errors.ts'
import { type Manifest, manifestSchema } from '../../engines/contract/manifest.ts'
import { MAX_DEPTH, scanYaml } from './scan-yaml.ts'
import { type ProblemAt, schemaProblems } from './schema-problems.ts'
import { offsetOf, offsetOfNode, type PathInside, pathText } from './yaml-place.ts'

/** Above this the parser itself becomes slow enough to be a weapon. */
const MAX_BYTES = 32 * 1024
const MAX_PROBLEMS = 50
const MAX_YAML_ERRORS = 5
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** A manifest that is valid in itself, and a way to say where in its file something stands. */
export interface ReadManifest {
  manifest: Manifest
  problemAt: ProblemAt
}

/**
 * Reads a manifest from its YAML text. Throws `manifest.invalid` with every problem at once, each with line and column.
 * @param text at most 32 KiB of YAML, one document, no aliases
 * @param file its name, for the problems
 */
export function readManifest(text: string, file = 'workspace.yaml'): ReadManifest {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_BYTES) {
    throw invalid([{ file, message: `the file has ${bytes} bytes`, allowed: `at most ${MAX_BYTES} bytes` }])
  }
  const lines = new LineCounter()
  const at = (offset: number): { line: number; column: number } => {
    const place = lines.linePos(offset)
    return { line: Math.max(1, place.line), column: Math.max(1, place.col) }
  }
  const found = scanYaml(text)
  if (found.length > 0) {
    // The parser would have counted the lines.
    for (let start = 0; start >= 0; start = text.indexOf('\n', start) + 1 || -1) lines.addNewLine(start)
    throw invalid(found.map(({ offset, ...problem }) => ({ file, ...at(offset), ...problem })))
  }

  // Keys that stand twice are looked for below: the parser's own way takes seconds for a few thousand.
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: false, version: '1.2' })
  if (document.contents === null) {
    throw invalid([{ file, line: 1, column: 1, message: 'the file is empty', allowed: 'one workspace' }])
  }
  // Past the first few, a parser that lost its way only repeats itself.
  const problems = [...document.errors, ...document.warnings]
    .slice(0, MAX_YAML_ERRORS)
    .map((error) => yamlProblem(error, file, at))
  if (problems.length > 0) throw invalid(problems)

  problems.push(...dangerousIn(document, file, at))
  if (problems.length > 0) throw invalid(problems)

  const value: unknown = document.toJS({ maxAliasCount: 0 })
  const problemAt = (path: PathInside, message: string, allowed?: string): Problem => ({
    file,
    ...at(offsetOf(document.contents as Node, path)),
    path: pathText(path),
    message,
    ...(allowed === undefined ? {} : { allowed }),
  })

  const parsed = manifestSchema.safeParse(value, { reportInput: true })
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap((issue) => schemaProblems(issue, [], problemAt)))
  const doubled = doubledNames(parsed.data, problemAt)
  if (doubled.length > 0) throw invalid(doubled)
  return { manifest: parsed.data, problemAt }
}

/** One answer with all that is wrong, the first few in its message. */
export function invalid(problems: Problem[]): PipiError {
  const kept = problems.slice(0, MAX_PROBLEMS)
  const [first] = kept
  const place = first?.line === undefined ? '' : ` (${first.file ?? 'manifest'}:${first.line}:${first.column})`
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  return new PipiError('manifest.invalid', `${first?.message ?? 'not valid'}${place}${more}`, {
    hint: 'correct what the problems name and send it again; nothing was written',
    problems: kept,
  })
}

type Locate = (offset: number) => { line: number; column: number }

/** Tabs and line ends are text; what no database keeps and no terminal should get is not. */
function isPlain(text: string): boolean {
  return text.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(text)
}

function yamlProblem(error: YAMLError, file: string, at: Locate): Problem {
  if (error.code === 'MULTIPLE_DOCS') {
    return { file, ...at(error.pos[0]), message: 'a second document', allowed: 'one workspace in one file' }
  }
  const [message = error.message] = error.message.split(/ at line \d+/)
  return { file, ...at(error.pos[0]), message: `not YAML: ${message}`, allowed: 'YAML 1.2' }
}

/** What must not reach a program: keys that reach prototypes or stand twice, control characters, endless nesting. */
function dangerousIn(document: { contents: unknown }, file: string, at: Locate): Problem[] {
  const problems: Problem[] = []
  const add = (node: unknown, message: string, allowed: string) =>
    void problems.push({ file, ...at(offsetOfNode(node)), message, allowed })
  visit(document.contents as Node, (_, node, path) => {
    if (problems.length >= MAX_PROBLEMS) return visit.BREAK
    const nesting = path.filter((above) => isMap(above) || isSeq(above)).length
    if (nesting > MAX_DEPTH) {
      add(node, 'nested too deeply', `at most ${MAX_DEPTH} levels`)
      return visit.BREAK
    }
    if (isScalar(node) && typeof node.value === 'string' && !isPlain(node.value)) {
      add(node, 'a control character, or half of one', 'text')
    }
    if (!isMap(node)) return undefined
    const seen = new Set<string>()
    for (const { key } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') {
        add(key, 'a key that is no text', 'text as key')
        continue
      }
      if (FORBIDDEN_KEYS.has(key.value)) add(key, `the key "${key.value}"`, 'any other key')
      if (seen.has(key.value)) add(key, `the key "${key.value.slice(0, 40)}" a second time`, 'each key once')
      seen.add(key.value)
    }
    return undefined
  })
  return problems
}

function doubledNames(manifest: Manifest, problemAt: ProblemAt): Problem[] {
  const seen = new Map<string, number>()
  return manifest.components.flatMap((component, index) => {
    const first = seen.get(component.name)
    seen.set(component.name, first ?? index)
    if (first === undefined) return []
    return [
      problemAt(
        ['components', index, 'name'],
        `components[${first}] has the name "${component.name}" too`,
        'a name of its own',
      ),
    ]
  })
}
