import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { PipiError } from '../../../catalog/errors.ts'

/** Where the source of a request comes from, as the user said it: options first, then the manifest, else its folder. */
export type ChosenSource =
  | { kind: 'git'; url: string; ref?: string; path?: string }
  | { kind: 'folder'; folder: string }
  /** As the manifest says, or it cannot be read far enough: the platform judges, and names places in the file. */
  | { kind: 'manifest' }

export interface SourceOptions {
  git?: string
  ref?: string
  path?: string
}

export async function chooseSource(
  manifest: { text: string; file: string; folder: string },
  options: SourceOptions,
): Promise<ChosenSource> {
  if (options.git !== undefined) {
    return { kind: 'git', url: options.git, ...given('ref', options.ref), ...given('path', options.path) }
  }
  const source = sourceIn(manifest.text)
  if (source === 'unreadable') return { kind: 'manifest' }
  if (source?.git !== undefined) {
    if (options.ref === undefined && options.path === undefined) return { kind: 'manifest' }
    const ref = options.ref ?? source.ref
    return { kind: 'git', url: source.git, ...given('ref', ref), ...given('path', options.path ?? source.path) }
  }
  if (options.ref !== undefined || options.path !== undefined) {
    throw new PipiError('input.invalid', '--ref and --path need a git source', {
      hint: 'Give --git URL with them, or name one in the manifest: source: {git: …}',
    })
  }
  const folder = resolve(manifest.folder, source?.folder ?? '.')
  const there = await stat(folder).then(
    (it) => it.isDirectory(),
    () => false,
  )
  if (there) return { kind: 'folder', folder }
  throw new PipiError('manifest.invalid', `The source of ${manifest.file} is not there`, {
    problems: [
      {
        file: manifest.file,
        path: 'source.folder',
        message: `no folder at ${folder}`,
        allowed: "a folder, relative to the manifest's",
        ...placeOf(manifest.text),
      },
    ],
  })
}

interface SourceInManifest {
  git?: string
  ref?: string
  path?: string
  folder?: string
}

/** Reads only what says where the source is; everything else is the platform's to judge. */
function sourceIn(text: string): SourceInManifest | undefined | 'unreadable' {
  const document = parseDocument(text)
  if (document.errors.length > 0) return 'unreadable'
  let root: unknown
  try {
    root = document.toJS({ maxAliasCount: 0 })
  } catch {
    // Aliases: the platform refuses them with their place.
    return 'unreadable'
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return 'unreadable'
  const source = (root as { source?: unknown }).source
  if (source === undefined || source === null) return undefined
  if (typeof source !== 'object') return 'unreadable'
  const { git, ref, path, folder } = source as Record<string, unknown>
  if (![git, ref, path, folder].every((value) => value === undefined || typeof value === 'string')) return 'unreadable'
  if ((git === undefined) === (folder === undefined)) return 'unreadable'
  return source as SourceInManifest
}

function placeOf(text: string): { line?: number; column?: number } {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => /^\s*(source:.*)?folder:/.test(line))
  return at < 0 ? {} : { line: at + 1, column: (lines[at] as string).indexOf('folder') + 1 }
}

function given<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: string }
}
