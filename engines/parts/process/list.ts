import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface RunningProcess {
  pid: number
  parent: number
  group: number
  /** Resident memory, bytes. */
  memory: number
  /** Start time in the kernel's own words: with the pid it names one process for ever. */
  started: string
}

/** All living processes of this machine; zombies are dead and not among them. */
export async function listProcesses(): Promise<RunningProcess[]> {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

/** One living process, or undefined. */
export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  return process.platform === 'linux' ? readStat(pid) : (await fromPs()).find((running) => running.pid === pid)
}

/** Those among `running` whose parent, or parent's parent and so on, is `pid`. */
export function descendantsOf(pid: number, running: readonly RunningProcess[]): RunningProcess[] {
  const children = Map.groupBy(running, ({ parent }) => parent)
  const found: RunningProcess[] = []
  // A list read while processes come and go may hold a circle.
  const seen = new Set([pid])
  for (const parent of seen) {
    for (const child of children.get(parent) ?? []) {
      if (seen.has(child.pid)) continue
      seen.add(child.pid)
      found.push(child)
    }
  }
  return found
}

/** Processes whose environment at start held `NAME=value`. Where the system does not show it (not Linux): none. */
export async function listTagged(name: string, value: string): Promise<RunningProcess[]> {
  if (process.platform !== 'linux') return []
  const wanted = `${name}=${value}`
  const tagged = await Promise.all(
    (await fromProc()).map(async (running) => {
      const environment = await readFile(`/proc/${running.pid}/environ`, 'latin1').catch(() => '')
      return environment.split('\0').includes(wanted) ? [running] : []
    }),
  )
  return tagged.flat()
}

const PAGE = 4096

async function fromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  return (await Promise.all(pids.map(readStat))).filter((running) => running !== undefined)
}

async function readStat(pid: number): Promise<RunningProcess | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
  if (stat === undefined) return undefined
  // The command name stands in brackets and may itself hold brackets and blanks: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group] = fields
  if (state === 'Z' || state === 'X') return undefined
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    memory: Number(fields[21]) * PAGE,
    started: fields[19] ?? '',
  }
}

async function fromPs(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,pgid=,rss=,stat=,lstart='])
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 5 && !fields[4]?.startsWith('Z'))
    .map(([pid, parent, group, memory, , ...started]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      memory: Number(memory) * 1024,
      started: started.join(' '),
    }))
}
