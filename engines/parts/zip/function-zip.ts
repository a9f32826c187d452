import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built } from '../../contract/engine.ts'
import { entriesOf, writeZip, type ZipEntry } from './zip.ts'

/** What functions platforms take in one upload. */
const MAX_ZIP_BYTES = 50 * 1024 * 1024

const PARTS = join(import.meta.dirname, '..', 'bootstrap')

/** Kinds that a function can carry, and the module that answers for each. */
const ANSWERS = {
  site: 'answer-files.mjs',
  service: 'answer-server.mjs',
  function: 'answer-function.mjs',
  job: 'answer-job.mjs',
} as const

/** What a function's source can be made of. */
export type FunctionComponent = ComponentOf<keyof typeof ANSWERS>

export interface FunctionZip {
  /** The platform's side: translates its events to `answer.mjs`, as a path. */
  bootstrap: string
  /** Name of that module in the zip. */
  as: string
  /** More files at the top, e.g. a `package.json`. */
  extra?: ZipEntry[]
}

/**
 * A component as a function's source: the platform's bootstrap, our answering module, and the built folder under
 * `app/`. Same input, same digest.
 */
export async function packFunction(
  built: Built,
  component: FunctionComponent,
  folder: string,
  zip: FunctionZip,
): Promise<Artifact> {
  const { kind } = component
  const settings = kind === 'site' ? { kind } : { kind, main: component.main }
  const path = join(folder, `${component.name}.zip`)
  const { digest, size } = await writeZip(
    [
      { name: zip.as, text: await readFile(zip.bootstrap, 'utf8') },
      {
        name: 'answer.mjs',
        text: await readFile(join(PARTS, ANSWERS[kind]), 'utf8'),
      },
      { name: 'pipi.json', text: `${JSON.stringify(settings)}\n` },
      ...(zip.extra ?? []),
      ...(await entriesOf(built.path, 'app')),
    ],
    path,
  )
  if (size > MAX_ZIP_BYTES) {
    throw new PipiError(
      'build.failed',
      `component "${component.name}" has ${megabytes(size)} MB as a zip, and at most ${megabytes(MAX_ZIP_BYTES)} MB travel`,
      {
        hint: 'leave development dependencies and large files out of the build, or choose the engine pip',
      },
    )
  }
  return { travels: 'file', path, digest }
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
