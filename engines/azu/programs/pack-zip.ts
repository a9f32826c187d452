import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact, Built } from '../../contract/engine.ts'
import { entriesOf, writeZip, type ZipEntry } from '../../parts/zip/zip.ts'

/** A built folder and some more as a zip; `prefix` is the folder that the built files lie in. */
export async function packZip(
  built: Built,
  name: string,
  folder: string,
  { prefix, mostMb, extra = [] }: { prefix: string; mostMb: number; extra?: ZipEntry[] },
): Promise<Artifact> {
  const files = await entriesOf(built.path, 'x')
  const megabytes = (await bytesOf(files)) / 1e6
  if (megabytes > mostMb) {
    throw new PipiError(
      'build.failed',
      `component "${name}" has ${megabytes.toFixed(1)} MB of files, and what is free takes ${mostMb} MB`,
      { hint: 'leave development dependencies and large files out of the build, or choose the engine pip' },
    )
  }
  const own = files.map((entry) => ({
    ...entry,
    name: `${prefix}${entry.name.slice('x/'.length)}`,
  }))
  const there = new Set(own.map((entry) => entry.name))
  const path = join(folder, `${name}.zip`)
  const { digest } = await writeZip([...own, ...extra.filter((entry) => !there.has(entry.name))], path)
  return { travels: 'file', path, digest }
}

async function bytesOf(entries: readonly ZipEntry[]): Promise<number> {
  let bytes = 0
  for (const entry of entries) bytes += 'file' in entry ? (await stat(entry.file)).size : entry.text.length
  return bytes
}
