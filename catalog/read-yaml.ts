import { readFile } from 'node:fs/promises'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Problem } from './errors.ts'

/** Facts of one platform need about 60 KB; anything far above it is not a file of ours. */
const MAX_BYTES = 256 * 1024

export interface Place {
  /** 1-based. */
  line: number
  column: number
}

/** `locate` tells where what a path names stands, for problems that are seen later. */
export type ReadYaml<T> = { ok: true; value: T; locate(path: string): Place } | { ok: false; problems: Problem[] }

/** Reads one of our own YAML files against a schema: every problem at once, with file, line and column. */
export async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<ReadYaml<z.output<S>>> {
  const bytes = await readFile(file)
  if (bytes.length > MAX_BYTES) {
    return {
      ok: false,
      problems: [{ file, message: `the file has ${bytes.length} bytes`, allowed: `at most ${MAX_BYTES} bytes` }],
    }
  }
  return parseYaml(bytes.toString('utf8'), file, schema)
}

/** The same on text already read; `file` only names it in problems. */
export function parseYaml<S extends z.ZodType>(text: string, file: string, schema: S): ReadYaml<z.output<S>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    return {
      ok: false,
      problems: broken.map((e) => ({ message: firstLine(e.message), file, ...place(lines, e.pos[0]) })),
    }
  }
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ message, file, line: 1, column: 1, allowed: 'no aliases' }] }
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) {
    return { ok: true, value: parsed.data, locate: (path) => place(lines, offsetOf(document, keysOf(path))) }
  }
  const problems = parsed.error.issues.flatMap((issue) => {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
    return paths.map((path) => ({
      message: issue.code === 'unrecognized_keys' ? 'no such key is known here' : issue.message,
      path: pathText(path),
      file,
      ...place(lines, offsetOf(document, path)),
    }))
  })
  return { ok: false, problems }
}

/** Where the key or item at `path` begins, or its nearest ancestor that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetAt(document, path.slice(0, length) as (string | number)[])
    if (offset !== undefined) return offset
  }
  return 0
}

function offsetAt(document: Document, path: (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const key = path.at(-1)
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}

/** `services[0].meters[1].limit` as keys and indexes. */
function keysOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) =>
    match[1] === undefined ? match[0] : Number(match[1]),
  )
}

function place(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('')
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
