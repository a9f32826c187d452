import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

export const root = resolve(import.meta.dirname, '../..')

/** The five rooms, each of which may import from itself and from those before it. */
export const ROOMS = ['catalog', 'stacks', 'engines', 'factory', 'platform'] as const

/** Paths (from the root, with forward slashes) of all files below folders, without dependencies and data. */
export function filesBelow(folders: readonly string[], pattern: RegExp): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => pattern.test(path) && !/(^|\/)(node_modules|\.pipi|dist)\//.test(path))
    .sort()
}

export function text(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export interface Import {
  /** As written: `../x.ts`, `node:fs`, `zod`. */
  specifier: string
  /** Only types: gone when the program runs. */
  typeOnly: boolean
  /** Asked for when needed, not when the file is loaded. */
  dynamic: boolean
  /** Path from the root, for our own files. */
  path: string | undefined
}

/** What a file imports and re-exports, dynamic imports included. */
export function importsOf(path: string): Import[] {
  const source = ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean, dynamic: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const own = specifier.text.startsWith('.')
      ? relative(root, resolve(root, dirname(path), specifier.text))
      : undefined
    found.push({ specifier: specifier.text, typeOnly, dynamic, path: own })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause), false)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Whether a file's code (not its comments) has a node of this kind. */
export function containsKind(path: string, kind: ts.SyntaxKind): boolean {
  const has = (node: ts.Node): boolean =>
    node.kind === kind || (ts.forEachChild(node, (child) => has(child) || undefined) ?? false)
  return has(ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest, true))
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

/** Every place where `pattern` (with the flag g) occurs, as `path:line: the line`. */
export function occurrences(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    text(path)
      .split('\n')
      .flatMap((line, at) => (line.search(pattern) === -1 ? [] : [`${path}:${at + 1}: ${line.trim()}`])),
  )
}
