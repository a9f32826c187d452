import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, realpath, rename, rm, stat, utimes } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type ArtifactFile, copyAndDigest } from './digest.ts'
import type { BuildLimits } from './limits.ts'

export interface Result {
  /** The folder that the build left. */
  folder: string
  /** Links may point to files below this folder (they are kept as what they point to), and nowhere else. */
  root: string
  /** Names of files and folders that are left out wherever they stand. */
  without: ReadonlySet<string>
  /** Of the folder these files and folders alone, by relative path; what is not there is left out. */
  only?: readonly string[]
  /** The folder's name inside the artifact; missing: it is the artifact. */
  under?: string
  /** A file of this host that goes along. */
  added?: { path: string; source: string }
}

/**
 * Copies a build's result into the store of artifacts, once: `<store>/<digest>/`. The digest is the sha256 over the
 * sorted relative paths, whether each is executable, and the bytes; so the same result has the same digest anywhere.
 */
export async function keepArtifact(
  result: Result,
  store: string,
  limits: BuildLimits,
): Promise<{ path: string; digest: string }> {
  const files = await followFiles(result, limits)
  if (result.added !== undefined) {
    files.push({ ...result.added, size: (await stat(result.added.source)).size, executable: false })
  }
  await mkdir(store, { recursive: true })
  const temporary = join(store, `.${randomUUID()}`)
  try {
    const digest = await copyAndDigest(files, temporary)
    const path = join(store, digest)
    // The same artifact may have been kept before, or be kept by another build right now: theirs is as good as ours.
    await rename(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
    // Used just now: what was not for longest is tidied away first.
    const now = new Date()
    await utimes(path, now, now)
    return { path, digest }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function followFiles(result: Result, limits: BuildLimits): Promise<ArtifactFile[]> {
  const { folder, root, without, only, under } = result
  const files: ArtifactFile[] = []
  const inside = `${await realpath(root)}${sep}`
  let bytes = 0
  const walk = async (at: string, relative: string, depth: number): Promise<void> => {
    if (depth > 64)
      throw new PipiError('build.failed', `${relative} is nested deeper than 64 folders`, {
        hint: 'Does a link point to a folder above itself?',
      })
    for (const name of await readdir(at)) {
      if (!without.has(name)) await take(join(at, name), relative === '' ? name : `${relative}/${name}`, depth)
    }
  }
  const take = async (source: string, path: string, depth: number): Promise<void> => {
    const status = await follow(source, path, inside)
    if (status.isDirectory()) {
      await walk(source, path, depth + 1)
    } else if (status.isFile()) {
      bytes += status.size
      files.push({ path, source, size: status.size, executable: (status.mode & 0o100) !== 0 })
      if (bytes > limits.outputBytes || files.length > limits.outputFiles) throw tooLarge(limits)
    } else {
      throw new PipiError('build.failed', `${path} is neither a file nor a folder`, {
        hint: 'A result holds files and folders only.',
      })
    }
  }
  if (only === undefined) await walk(folder, under ?? '', 0)
  // Named twice, or inside a folder that is named too, it is still one file.
  for (const path of new Set(only)) {
    if (await isThere(join(folder, path))) await take(join(folder, path), path, 0)
  }
  return [...new Map(files.map((file) => [file.path, file])).values()]
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function follow(source: string, path: string, inside: string) {
  const status = await lstat(source)
  if (!status.isSymbolicLink()) return status
  const target = await realpath(source).catch(() => undefined)
  if (target === undefined || !target.startsWith(inside)) {
    throw new PipiError(
      'build.failed',
      `${path} is a link to ${target === undefined ? 'nothing' : 'outside of the source'}`,
      {
        hint: 'Put the file itself there.',
      },
    )
  }
  return stat(target)
}

function tooLarge(limits: BuildLimits): PipiError {
  return new PipiError(
    'build.failed',
    `The result is larger than ${Math.round(limits.outputBytes / 1024 ** 2)} MiB or ${limits.outputFiles} files`,
    { hint: 'Name the folder with the result as build.output, and keep caches and sources out of it.' },
  )
}
