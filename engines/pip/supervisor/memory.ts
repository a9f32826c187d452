import { readFile } from 'node:fs/promises'
import { processesOf } from '../../parts/process/end.ts'
import { findProcess } from '../../parts/process/list.ts'

/** MiB that a process holds of its own; the program text, which all processes share, is not counted. 0 when it is gone. */
export async function ownMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => undefined)
  if (status !== undefined) return (kib(status, 'RssAnon') + kib(status, 'RssShmem')) / 1024
  if (process.platform === 'linux') return 0
  // Elsewhere all resident memory is known only; the text of Node is some 40 MiB of it.
  return Math.max(0, ((await findProcess(pid))?.memory ?? 0) / 1024 ** 2 - 40)
}

function kib(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}

/** MiB that a process and all it started hold: for those that may start others. */
export async function groupMemory(group: number): Promise<number> {
  const members = await processesOf({ group })
  const held = await Promise.all(members.map(({ pid }) => ownMemory(pid)))
  return held.reduce((sum, one) => sum + one, 0)
}
