import { existsSync } from 'node:fs'

/** The folders of one build, as this machine knows them. */
export interface Rooms {
  /** Holds the others; of this build alone. */
  work: string
  source: string
  home: string
  temporary: string
  /** What a tool keeps from one build of an account to the next. */
  cache: string | undefined
}

export interface Entry {
  file: string
  args: string[]
  /** Where it runs: a folder of this machine, inside the source. */
  folder: string
  /** The build's whole environment. */
  environment: Record<string, string>
}

export interface Started {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
  uid?: number
  gid?: number
}

/** What a build may take by itself, set where the system itself enforces it. */
export interface HardLimits {
  /** Bytes of memory that one process may lay claim to. */
  memory: number
  /** Bytes of one file. */
  file: number
  /** Processes and threads of the build's user. */
  tasks: number
}

/** What stands between a build and the rest of this machine. */
export interface Walls {
  /**
   * `namespaces`: a build sees the system's programs and its own folders, no other process, no file of ours, and ends
   * with all that it started. `user`: it runs as a user who owns nothing else. `none`: as whoever runs the engine.
   */
  kind: 'namespaces' | 'user' | 'none'
  /** Why they are no higher. */
  why?: string
  /** How the build calls a folder of its rooms. */
  inside(path: string): string
  /** How a command is started behind them. */
  enter(entry: Entry): Promise<Started>
}

/** `prlimit` and its options before a command; nothing where there is none. */
export function limited(limits: HardLimits, countsTasks: boolean): string[] {
  if (!['/usr/bin/prlimit', '/bin/prlimit'].some((file) => existsSync(file))) return []
  const tasks = countsTasks ? [`--nproc=${limits.tasks}`] : []
  return ['prlimit', '--core=0', `--data=${limits.memory}`, `--fsize=${limits.file}`, ...tasks]
}
