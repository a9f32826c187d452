import { join } from 'node:path'
import type { ProcessSpec } from './spec.ts'

export interface ChildCommand {
  file: string
  args: string[]
  environment: Record<string, string>
}

const CHILD = join(import.meta.dirname, 'child')
/** Descends to everything a child starts: by it a later supervisor finds what an earlier one left. */
export const TAG = 'PIPI_SUPERVISOR'

/**
 * How a process is run: a Node of its own with a heap limit below its grant, that may read its release and read and
 * write its scratch folders, start no other program, and sees no variable of ours.
 */
export function commandOf(
  spec: ProcessSpec,
  place: { release: string; home: string; temporary: string; port: number; tag: string },
): ChildCommand {
  const scratch = [place.home, place.temporary].flatMap((folder) => [
    `--allow-fs-read=${folder}`,
    `--allow-fs-write=${folder}`,
  ])
  const limits = [
    `--max-old-space-size=${heapOf(spec.memory)}`,
    `--max-semi-space-size=${Math.min(16, Math.max(1, Math.floor(spec.memory / 32)))}`,
    '--disable-warning=SecurityWarning',
  ]
  const walls = ['--permission', `--allow-fs-read=${place.release}`, `--allow-fs-read=${CHILD}`]
  const run =
    spec.runtime === 'static'
      ? [join(CHILD, 'static.mjs'), place.release]
      : [...scratch, '--allow-worker', join(place.release, spec.main)]
  return {
    file: process.execPath,
    args: [...limits, ...walls, '--import', join(CHILD, 'watch-parent.mjs'), ...run],
    environment: {
      NODE_ENV: 'production',
      ...spec.environment,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: place.home,
      TMPDIR: place.temporary,
      HOST: '127.0.0.1',
      PORT: String(place.port),
      [TAG]: place.tag,
    },
  }
}

/** MiB of heap below a grant: the rest is for stacks, buffers and the runtime's own (9 MiB measured for an idle server). */
function heapOf(memory: number): number {
  return Math.max(12, Math.floor((memory - 12) * 0.8))
}
