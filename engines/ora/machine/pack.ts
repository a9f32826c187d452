import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { BuiltComponent } from '../../contract/component.ts'
import type { Artifact, Built } from '../../contract/engine.ts'
import { entriesOf, writeZip, type ZipEntry } from '../../parts/zip/zip.ts'

/** An object of ours is read whole into the machine's memory. */
export const MOST_BYTES = 400 * 1024 * 1024
const BOOTSTRAP = join(import.meta.dirname, '..', '..', 'parts', 'bootstrap')

/** How a release starts: `answer`: by `serve.mjs`; `node`, `jar`: `main` in the folder `app` does, or is the job. */
interface Start {
  start: 'answer' | 'node' | 'jar'
  main?: string
}

/** A release for the machine: what was built under `app/`, and how it starts. Same input, same digest. */
export async function packRelease(
  built: Built,
  component: Exclude<BuiltComponent, { kind: 'container' }>,
  folder: string,
): Promise<Artifact> {
  const start = await startOf(built, component)
  const path = join(folder, `${component.name}.zip`)
  const { digest, size } = await writeZip(
    [
      ...(await answering(component.kind)),
      { name: 'pipi.json', text: `${JSON.stringify(start)}\n` },
      ...(await entriesOf(built.path, 'app')),
    ],
    path,
  )
  if (size <= MOST_BYTES) return { travels: 'file', path, digest }
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0)
  throw new PipiError(
    'build.failed',
    `component "${component.name}" has ${megabytes(size)} MB as a zip, and at most ${megabytes(MOST_BYTES)} MB travel`,
    { hint: 'leave development dependencies and large files out of the build' },
  )
}

/** Sites and functions have no server of their own. */
async function answering(kind: BuiltComponent['kind']): Promise<ZipEntry[]> {
  if (kind !== 'site' && kind !== 'function') return []
  const answer = kind === 'site' ? 'answer-files.mjs' : 'answer-function.mjs'
  return [
    { name: 'serve.mjs', text: await readFile(join(import.meta.dirname, 'serve-bootstrap.mjs'), 'utf8') },
    { name: 'answer.mjs', text: await readFile(join(BOOTSTRAP, answer), 'utf8') },
  ]
}

async function startOf(built: Built, component: Exclude<BuiltComponent, { kind: 'container' }>): Promise<Start> {
  if (component.kind === 'site') return { start: 'answer' }
  if (component.kind === 'function') return { start: 'answer', main: component.main }
  if (component.kind === 'job' || component.runtime === 'node') return { start: 'node', main: component.main }
  return { start: 'jar', main: component.jar ?? built.made?.jar ?? (await onlyJar(built.path, component.name)) }
}

async function onlyJar(folder: string, name: string): Promise<string> {
  const jars = (await readdir(folder)).filter((file) => /\.(jar|war)$/.test(file))
  const [jar] = jars
  if (jar !== undefined && jars.length === 1) return jar
  throw new PipiError('build.failed', `expected one jar or war for "${name}", got ${jars.join(', ') || 'none'}`, {
    hint: 'name it as "jar" in the manifest',
  })
}
