import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf, listProcesses, listTagged, type RunningProcess } from './list.ts'

export interface Quarry {
  /** Process group: a child started with `detached` leads the group of its own pid. */
  group: number
  /** Environment variable that every descendant carries, so that those who left the group are found too. */
  tag?: { name: string; value: string }
}

/** Ends a process group and all who carry its tag: asks first, then kills. Resolves when none of them lives. */
export async function endProcesses(quarry: Quarry, graceMs: number): Promise<void> {
  signalGroup(quarry.group, 'SIGTERM')
  const patience = performance.now() + graceMs
  while ((await alive(quarry)).length > 0) {
    // A group is killed in one system call, which no fork inside it can outrun.
    if (performance.now() >= patience) {
      signalGroup(quarry.group, 'SIGKILL')
      for (const pid of await alive(quarry)) signalOne(pid, 'SIGKILL')
    }
    await delay(20)
  }
}

/** A group, all who descend from its leader, and those who carry its tag. */
export async function processesOf(quarry: Quarry): Promise<RunningProcess[]> {
  const running = await listProcesses()
  const group = running.filter((one) => one.group === quarry.group)
  const tagged = quarry.tag === undefined ? [] : await listTagged(quarry.tag.name, quarry.tag.value)
  const found = [...group, ...descendantsOf(quarry.group, running), ...tagged]
  return [...new Map(found.map((one) => [one.pid, one])).values()]
}

/** Their pids. */
export async function alive(quarry: Quarry): Promise<number[]> {
  return (await processesOf(quarry)).map(({ pid }) => pid)
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  signalOne(-group, signal)
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Kills all who carry a tag, and those they start meanwhile. Resolves when none of them lives. */
export async function endTagged(tag: { name: string; value: string }): Promise<void> {
  for (;;) {
    const left = await listTagged(tag.name, tag.value)
    if (left.length === 0) return
    for (const { pid } of left) signalOne(pid, 'SIGKILL')
    await delay(20)
  }
}
