import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { BuiltComponent } from '../../contract/component.ts'
import { type Built, madeSchema } from '../../contract/engine.ts'
import { digestOf, listFiles } from './digest.ts'

/** Raised when the same source would now be built otherwise. */
const VERSION = 1

export interface BuildKey {
  /** sha256 over the whole source. */
  source: string
  component: BuiltComponent
  /** Builds of one account are never given to another: what an account's cache holds may be in them. */
  account: string
  /** Versions of what runs the build. */
  versions: Record<string, string>
}

/** What a build depends on, as a name for its result: the same key, the same artifact. */
export function keyOf({ source, component, account, versions }: BuildKey): string {
  const { kind, path, build, env } = component
  const entry = 'main' in component ? component.main : undefined
  const jvm = component.kind === 'service' ? { runtime: component.runtime, jar: component.jar } : {}
  const all = { version: VERSION, source, kind, path, build, env: sorted(env), entry, ...jvm, account, versions }
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

const recordSchema = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/), made: madeSchema.optional() })

/** What was built before under this key, where it is still at hand and still what it was. */
export async function recallBuild(artifacts: string, key: string): Promise<Built | undefined> {
  const text = await readFile(fileOf(artifacts, key), 'utf8').catch(() => undefined)
  const read = text === undefined ? undefined : recordSchema.safeParse(JSON.parse(text))
  if (!read?.success) return undefined
  const { digest, made } = read.data
  const path = join(artifacts, digest)
  const now = new Date()
  // Marked as used first, so that it is not tidied away while it is looked at.
  const there = await utimes(path, now, now).then(
    () => true,
    () => false,
  )
  if (!there || (await digestOf(await listFiles(path)).catch(() => '')) !== digest) return undefined
  await utimes(fileOf(artifacts, key), now, now).catch(() => undefined)
  return { path, digest, ...(made === undefined ? {} : { made }) }
}

export async function rememberBuild(artifacts: string, key: string, { digest, made }: Built): Promise<void> {
  const file = fileOf(artifacts, key)
  await mkdir(join(artifacts, 'builds'), { recursive: true })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify({ digest, ...(made === undefined ? {} : { made }) }))
  await rename(draft, file)
}

function fileOf(artifacts: string, key: string): string {
  return join(artifacts, 'builds', `${key}.json`)
}

function sorted(env: Record<string, string>): [string, string][] {
  return Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))
}
