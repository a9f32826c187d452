import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built } from '../../contract/engine.ts'
import { entriesOf } from '../../parts/zip/zip.ts'

const BOOTSTRAP = join(import.meta.dirname, '..', 'bootstrap.cjs')
const PARTS = join(import.meta.dirname, '..', '..', 'parts', 'bootstrap')
const ANSWERING = { site: 'answer-files.mjs', service: 'answer-server.mjs', function: 'answer-function.mjs' } as const
/** 100 KB of code in a request, with what base64 adds (limits of Code Engine, function limits). */
const MOST_BYTES = 75_000

type Packable = ComponentOf<'site' | 'service' | 'function'>

/** What was built as the one module of text that is a function's inline code. Same input, same digest. */
export async function packModule(built: Built, component: Packable, folder: string): Promise<Artifact> {
  const settings = component.kind === 'site' ? { kind: 'site' } : { kind: component.kind, main: component.main }
  const packed = pack([
    { name: 'answer.mjs', bytes: await readFile(join(PARTS, ANSWERING[component.kind])) },
    { name: 'pipi.json', bytes: Buffer.from(`${JSON.stringify(settings)}\n`) },
    ...(await filesOf(built.path)),
  ])
  const text = (await readFile(BOOTSTRAP, 'utf8')).replace('@packed@', packed)
  if (text.length > MOST_BYTES) {
    throw new PipiError(
      'build.failed',
      `component "${component.name}" has ${kilobytes(text.length)} kB packed, and at most ${kilobytes(MOST_BYTES)} kB are taken as a function's code`,
      { hint: 'leave large files and development dependencies out of the build, or choose another engine' },
    )
  }
  const path = join(folder, `${component.name}.cjs`)
  await writeFile(path, text)
  return { travels: 'file', path, digest: createHash('sha256').update(text).digest('hex') }
}

async function filesOf(folder: string): Promise<{ name: string; bytes: Buffer }[]> {
  const entries = await entriesOf(folder, 'app')
  return Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      bytes: 'text' in entry ? Buffer.from(entry.text) : await readFile(entry.file),
    })),
  )
}

function pack(files: { name: string; bytes: Buffer }[]): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  const lengths = Object.fromEntries(sorted.map(({ name, bytes }) => [name, bytes.length]))
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(lengths)}\n`), ...sorted.map(({ bytes }) => bytes)])
  return brotliCompressSync(whole, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: whole.length, [constants.BROTLI_PARAM_LGWIN]: 24 },
  }).toString('base64')
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}
