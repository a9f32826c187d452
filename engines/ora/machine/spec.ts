import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Schedule } from '../../parts/schedule/cron.ts'

/** One component as the machine's agent takes it (machine/agent/). */
export interface Spec {
  name: string
  /** sha256 of its release, hex: the object `<release>.zip`. */
  release: string
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

/** The agent as one object: its files by name. The machine starts `main.mjs` of it. */
export function agentBundle(): { text: string; digest: string } {
  const files = readdirSync(AGENT).sort()
  const text = JSON.stringify(Object.fromEntries(files.map((name) => [name, readFileSync(join(AGENT, name), 'utf8')])))
  return { text, digest: sha256(text) }
}

/** What a new machine does once, as the platform takes it. */
export function userData(): string {
  return Buffer.from(readFileSync(join(import.meta.dirname, 'user-data.sh'))).toString('base64')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
