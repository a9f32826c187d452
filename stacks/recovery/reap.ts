import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Ends every process on this host that still works on a stack (a CLI and its helpers whose clone was killed): nobody
 * else may write while the new holder repairs. They carry the stack's name in their environment (run-stack.ts).
 * Resolves to the pids that were ended. Where there is no /proc, the lease's token alone holds them off.
 */
export async function reapProcesses(stack: string): Promise<number[]> {
  const ended: number[] = []
  // Killed processes may have begun children meanwhile: look until nothing is left.
  for (let round = 0; round < 20; round += 1) {
    const pids = await pidsOf(stack)
    if (pids.length === 0) return ended
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
        if (!ended.includes(pid)) ended.push(pid)
      } catch {
        // Gone by itself.
      }
    }
    await delay(25)
  }
  return ended
}

async function pidsOf(stack: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => [])
  const found = await Promise.all(
    entries.map(async (entry) => {
      const pid = Number(entry)
      if (!Number.isInteger(pid) || pid === process.pid) return []
      const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`PIPI_STACK=${stack}`) ? [pid] : []
    }),
  )
  return found.flat()
}
