import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { waitFor } from './wait-for.ts'

export interface FoundProcess {
  pid: number
  command: string
}

/**
 * The living processes that carry `tag` in their environment, their command line or their working folder: also those
 * that were started with an environment of their own, as their paths lie in the tagged folder. Empty where there is
 * no /proc. This process and its parents are left out.
 */
export function processesOf(tag: string): FoundProcess[] {
  const ours = new Set(ancestors(process.pid))
  return pids()
    .filter((pid) => !ours.has(pid))
    .flatMap((pid) => {
      const command = read(pid, 'cmdline').replaceAll('\0', ' ').trim()
      // Without a command line: a zombie that its parent has not waited for yet, or the kernel's own.
      if (command === '') return []
      const carries = command.includes(tag) || read(pid, 'environ').includes(tag) || workingFolder(pid).includes(tag)
      return carries ? [{ pid, command }] : []
    })
}

/** Ends processes for good, and waits until they are gone. */
export async function endLeaks(processes: readonly FoundProcess[]): Promise<void> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await waitFor('killed processes to be gone', () => processes.every(({ pid }) => read(pid, 'cmdline') === ''))
}

function pids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}

function ancestors(pid: number): number[] {
  const parent = Number(/^PPid:\s*(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0)
  return parent === 0 ? [pid] : [pid, ...ancestors(parent)]
}

/** A process may end while we look: then it has nothing to say. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
