import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Schedule } from '../../parts/schedule/cron.ts'

/** One component as the machine's agent takes it (machine/agent/). */
export interface Spec {
  name: string
  /** sha256 of its release, hex: the object `<release>.zip`, or what `archive` says. */
  release: string
  /** An image's files. */
  archive?: 'tgz'
  environment: Record<string, string>
  /** MiB. */
  memoryMb: number
  /** What its public path begins with; a job has none. */
  prefix?: string
  /** Has to be answered below 400; left out: "/", and anything below 500 will do. */
  health?: string
  /** Of a job: when it runs (UTC), and how long at most. */
  schedule?: Schedule
  timeoutS?: number
}

/** What a machine is to run: the object `plan.json`. */
export function planOf(components: readonly Spec[]): { text: string; digest: string } {
  const text = JSON.stringify({ components })
  return { text, digest: sha256(text) }
}

const AGENT = join(import.meta.dirname, 'agent')
/** The way into an image is the same on every machine. Over the agent's own files: its `enter.mjs` only says where this is. */
const CONTAINER = ['enter.sh', 'enter.mjs'].map((name) =>
  join(import.meta.dirname, '..', '..', 'parts', 'container', name),
)

/** The agent as one object: its files by name. The machine starts `main.mjs` of it. */
export function agentBundle(): { text: string; digest: string } {
  const files = [...readdirSync(AGENT).map((name) => join(AGENT, name)), ...CONTAINER]
  const named = new Map(files.map((file) => [basename(file), readFileSync(file, 'utf8')] as const))
  const text = JSON.stringify(Object.fromEntries([...named].sort(([one], [other]) => (one < other ? -1 : 1))))
  return { text, digest: sha256(text) }
}

/** How a release is packed, by the name of its file. */
export function archiveOf(path: string): Pick<Spec, 'archive'> {
  return path.endsWith('.tgz') ? { archive: 'tgz' } : {}
}

/** The name of a release's object. */
export function objectOf({ release, archive = 'zip' }: Pick<Spec, 'release'> & { archive?: 'tgz' | 'zip' }): string {
  return `${release}.${archive}`
}

/** What a new machine does once, as the platform takes it. */
export function userData(): string {
  return Buffer.from(readFileSync(join(import.meta.dirname, 'user-data.sh'))).toString('base64')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
