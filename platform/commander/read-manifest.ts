import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml'
import type { z } from 'zod'
import { PipiError, type Problem } from '../../catalog/errors.ts'
import { type Manifest, manifestSchema } from '../../engines/contract/manifest.ts'

/** Above this the parser itself becomes slow enough to be a weapon. */
const MAX_BYTES = 32 * 1024
const MAX_DEPTH = 16
const MAX_PROBLEMS = 50
const MAX_YAML_ERRORS = 5
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

export type PathInside = readonly (string | number)[]

/** A manifest that is valid in itself, and a way to say where in its file something stands. */
export interface ReadManifest {
  manifest: Manifest
  problemAt(path: PathInside, message: string, allowed?: string): Problem
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
  const documents = parseAllDocuments(text, { lineCounter: lines, strict: true, uniqueKeys: true, version: '1.2' })
  const document = 'empty' in documents ? undefined : documents[0]
  if (document === undefined || document.contents === null) {
    throw invalid([{ file, line: 1, column: 1, message: 'the file is empty', allowed: 'one workspace' }])
  }

  const at = (offset: number): { line: number; column: number } => {
    const place = lines.linePos(offset)
    return { line: Math.max(1, place.line), column: Math.max(1, place.col) }
  }
  const problems: Problem[] = []
  for (const one of Array.isArray(documents) ? documents : []) {
    // Past the first few, a parser that lost its way only repeats itself.
    for (const error of [...one.errors, ...one.warnings].slice(0, MAX_YAML_ERRORS))
      problems.push(yamlProblem(error, file, at))
  }
  const second = Array.isArray(documents) ? documents[1] : undefined
  if (second) {
    problems.push({
      file,
      ...at(second.range?.[0] ?? 0),
      message: 'a second document',
      allowed: 'one workspace in one file',
    })
  }
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

function yamlProblem(error: YAMLError, file: string, at: Locate): Problem {
  const [message = error.message] = error.message.split(/ at line \d+/)
  return { file, ...at(error.pos[0]), message: `not YAML: ${message}`, allowed: 'YAML 1.2' }
}

/** What a parser should never be led to: aliases (bombs), keys that reach prototypes, endless nesting. */
function dangerousIn(document: { contents: unknown }, file: string, at: Locate): Problem[] {
  const problems: Problem[] = []
  visit(document.contents as Node, (_, node, path) => {
    const nesting = path.filter((above) => isMap(above) || isSeq(above)).length
    if (nesting > MAX_DEPTH) {
      problems.push({
        file,
        ...at(offsetOfNode(node)),
        message: 'nested too deeply',
        allowed: `at most ${MAX_DEPTH} levels`,
      })
      return visit.BREAK
    }
    if (isAlias(node)) {
      problems.push({
        file,
        ...at(offsetOfNode(node)),
        message: `an alias (*${node.source})`,
        allowed: 'write the value out',
      })
    }
    if (isPair(node)) {
      if (!isScalar(node.key) || typeof node.key.value !== 'string') {
        problems.push({ file, ...at(offsetOfNode(node.key)), message: 'a key that is no text', allowed: 'text as key' })
      } else if (FORBIDDEN_KEYS.has(node.key.value)) {
        problems.push({
          file,
          ...at(offsetOfNode(node.key)),
          message: `the key "${node.key.value}"`,
          allowed: 'any other key',
        })
      }
    }
    return undefined
  })
  return problems
}

function schemaProblems(issue: z.core.$ZodIssue, above: PathInside, problemAt: ReadManifest['problemAt']): Problem[] {
  const path = [...above, ...(issue.path as (string | number)[])]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        problemAt([...path, key], `unknown key "${key}"`, 'see docs/manifest.md for the keys'),
      )
    case 'invalid_union': {
      if (issue.discriminator !== undefined) {
        const kinds = 'options' in issue && Array.isArray(issue.options) ? issue.options.join(', ') : 'site, service'
        return [problemAt([...path], `unknown ${issue.discriminator}`, kinds)]
      }
      // The branch with the fewest faults is the one that was meant.
      const branches = [...issue.errors].sort((a, b) => faultsOf(a) - faultsOf(b))
      const [meant] = branches
      if (!meant) return [problemAt(path, issue.message)]
      return meant.flatMap((inner) => schemaProblems(inner, path, problemAt))
    }
    case 'invalid_type':
      return [
        problemAt(
          path,
          `${path.length === 0 ? 'the document' : pathText(path)}: ${shorten(issue.message)}`,
          issue.expected,
        ),
      ]
    case 'invalid_value':
      return [problemAt(path, `${pathText(path)}: got ${shown(issue.input)}`, issue.values.map(String).join(', '))]
    case 'invalid_format':
      return [problemAt(path, `${pathText(path)}: got ${shown(issue.input)}`, issue.message)]
    default:
      return [problemAt(path, `${pathText(path)}: ${shorten(issue.message)}`, shorten(issue.message))]
  }
}

function faultsOf(branch: z.core.$ZodIssue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 2), 0)
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function shorten(message: string): string {
  return message.replace(/^Invalid input: /, '')
}

function doubledNames(manifest: Manifest, problemAt: ReadManifest['problemAt']): Problem[] {
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

/** Where in the text the path stands; for what is missing, where its nearest parent stands. */
function offsetOf(root: Node, path: PathInside): number {
  let node: unknown = root
  let offset = offsetOfNode(root)
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (!pair) return offset
      // An entry's key is what a reader looks for; an element's value.
      offset = index === path.length - 1 || pair.value === null ? offsetOfNode(pair.key) : offsetOfNode(pair.value)
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      if (node === undefined) return offset
      offset = offsetOfNode(node)
    } else return offset
  }
  return offset
}

function offsetOfNode(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | null)?.range
  if (range) return range[0]
  return isPair(node) ? offsetOfNode(node.key) : 0
}

function pathText(path: PathInside): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
