import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { containerCommand } from './container.ts'
import { javaCommand } from './java.ts'
import type { Root } from './roots.ts'
import { type ProcessSpec, SCRATCH_MIB, type StoreSpec } from './spec.ts'
import { ownerOf } from './unpack-root.ts'

export interface ChildCommand {
  file: string
  args: string[]
  environment: Record<string, string>
  /** Why there are no walls around what would need some. */
  unwalled?: string
}

/** Where one run of a process has its place. */
export interface Place {
  /** The supervisor's folder, and in it that of this run alone. */
  ours: string
  folder: string
  release: string
  home: string
  temporary: string
  /** Missing: it answers nobody. */
  port?: number
  tag: string
  stores: { spec: StoreSpec; path: string }[]
  /** Of a container: its image's files. */
  root?: Omit<Root, 'leave'>
  /** The control group that it joins before it begins, where the host lets us make some. */
  group?: string
}

const CHILD = join(import.meta.dirname, 'child')
/** Descends to everything a child starts: by it a later supervisor finds what an earlier one left. */
export const TAG = 'PIPI_SUPERVISOR'
/** Below what people and the platform run at, where no control group shares the processor out. */
const NICE = 5

/**
 * How a process is run: by a shell that sets what is inherited (the size of a file, the group, the priority) and is then
 * replaced by the program. What is secret is in the environment, never among the arguments.
 */
export async function commandOf(spec: ProcessSpec, place: Place): Promise<ChildCommand> {
  const largest = Math.max(SCRATCH_MIB, ...place.stores.map(({ spec: { size } }) => size))
  const environment = {
    NODE_ENV: 'production',
    ...spec.environment,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: place.home,
    TMPDIR: place.temporary,
    HOST: '127.0.0.1',
    ...(place.port === undefined ? {} : { PORT: String(place.port) }),
    [TAG]: place.tag,
  }
  const program = await programOf(spec, place, environment)
  return {
    ...program,
    file: '/bin/sh',
    args: ['-c', SHELL, 'pipi', String(largest * BLOCKS_PER_MIB), place.group ?? '', String(NICE), ...program.args],
    environment: { ...program.environment, [TAG]: place.tag },
  }
}

async function programOf(
  spec: ProcessSpec,
  place: Place,
  environment: Record<string, string>,
): Promise<Omit<ChildCommand, 'file'>> {
  if (spec.runtime === 'jvm') return javaCommand(spec, place, environment)
  if (spec.runtime !== 'container') return { args: nodeCommand(spec, place), environment }
  if (place.root === undefined) throw new PipiError('platform.internal', `the image of ${spec.name} is not unpacked`)
  // What else is set is of this host, and an image has its own.
  const { PORT = '', HOST = '' } = environment
  const own = { ...spec.environment, PORT, HOST, [TAG]: place.tag }
  return containerCommand({ ...place, root: place.root }, ownerOf(spec), own)
}

/** POSIX counts sizes of files in blocks of 512 bytes. */
const BLOCKS_PER_MIB = 2048
const SHELL = `unset PWD OLDPWD; ulimit -c 0; ulimit -f "$1"; group=$2; nice=$3; shift 3
if [ -n "$group" ]; then echo $$ > "$group/cgroup.procs" && exec "$@"; exit 126; fi
exec nice -n "$nice" "$@"`

/**
 * A Node of its own with a heap limit below its grant, that may read its release and read and write its scratch folders
 * and stores, start no other program, and sees no variable of ours.
 */
function nodeCommand(spec: ProcessSpec, place: Place): string[] {
  const scratch = [place.home, place.temporary, ...place.stores.map(({ path }) => path)].flatMap((folder) => [
    `--allow-fs-read=${folder}`,
    `--allow-fs-write=${folder}`,
  ])
  const limits = [
    `--max-old-space-size=${heapOf(spec.memory)}`,
    `--max-semi-space-size=${Math.min(16, Math.max(1, Math.floor(spec.memory / 32)))}`,
    '--disable-warning=SecurityWarning',
  ]
  const walls = ['--permission', `--allow-fs-read=${place.release}`, `--allow-fs-read=${CHILD}`]
  const main = join(place.release, spec.main)
  const run = {
    static: [join(CHILD, 'static.mjs'), place.release],
    function: [...scratch, '--allow-worker', join(CHILD, 'function.mjs'), main, String(spec.timeout ?? 10)],
    node: [...scratch, '--allow-worker', main],
    job: [...scratch, '--allow-worker', main],
    jvm: [],
    container: [],
  }[spec.runtime]
  const watch = ['--import', join(CHILD, 'watch-parent.mjs')]
  return [process.execPath, ...limits, ...walls, ...watch, ...run]
}

/** MiB of heap below a grant: the rest is for stacks, buffers and the runtime's own (9 MiB measured for an idle server). */
function heapOf(memory: number): number {
  return Math.max(12, Math.floor((memory - 12) * 0.8))
}
