import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { folderSize } from '../../parts/build/folder-size.ts'
import { endProcesses } from '../../parts/process/end.ts'
import { commandOf } from './command.ts'
import type { ProcessLog } from './log.ts'
import { ownMemory } from './memory.ts'
import type { PortPool } from './ports.ts'
import { type ProcessSpec, SCRATCH_MIB } from './spec.ts'

/** One run of a process. */
export interface Instance {
  spec: ProcessSpec
  pid: number
  /** Where it listens; only the gate talks to it. */
  port: number
  /** How it ended, in words. */
  ended: Promise<string>
  memory(): Promise<number>
  /** What it said last. */
  lastLines(): string[]
  /** SIGTERM, then SIGKILL. Resolves when nothing of it lives and its scratch folder is gone. */
  stop(graceMs: number): Promise<void>
}

const WATCH_MS = 500
/** Between two looks at the scratch folder, in looks at the memory. */
const DISK_EVERY = 10

/** Starts a process beside whatever runs under the same name. Throws when it cannot be started at all. */
export async function startInstance(order: {
  spec: ProcessSpec
  release: string
  /** A folder of this run alone. */
  folder: string
  tag: string
  log: ProcessLog
  ports: PortPool
}): Promise<Instance> {
  const { spec, folder, log } = order
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
  for (const scratch of [home, temporary]) await mkdir(scratch, { recursive: true, mode: 0o700 })
  const port = await order.ports.take(folder)
  const command = commandOf(spec, { release: order.release, home, temporary, port, tag: order.tag })
  const child = spawn(command.file, command.args, {
    cwd: order.release,
    env: command.environment,
    // The fourth is the one that tells the child that we are gone.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const voice = log.voice()
  const told = Promise.all([voice.follow(child.stdout as Readable), voice.follow(child.stderr as Readable)]).catch(
    () => undefined,
  )
  child.stdio[3]?.on('error', () => undefined)
  await once(child, 'spawn')
  const pid = child.pid as number
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const over = new AbortController()
  const broken = watchLimits(spec, pid, folder, over.signal)
  const ended = exited.then(async ([code, signal]) => {
    over.abort()
    await Promise.race([told, delay(500)])
    return (await broken) ?? (signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`)
  })
  return {
    spec,
    pid,
    port,
    ended,
    memory: () => ownMemory(pid),
    lastLines: voice.lastLines,
    async stop(graceMs) {
      await endProcesses({ group: pid }, graceMs)
      await exited
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      order.ports.give(port)
    },
  }
}

/** Kills what passes its grant. Says which, or undefined when it ended otherwise. */
async function watchLimits(
  spec: ProcessSpec,
  pid: number,
  folder: string,
  over: AbortSignal,
): Promise<string | undefined> {
  for (let look = 1; !over.aborted; look += 1) {
    await delay(WATCH_MS, undefined, { signal: over }).catch(() => undefined)
    const memory = over.aborted ? 0 : await ownMemory(pid)
    const disk = look % DISK_EVERY === 0 && !over.aborted ? (await folderSize(folder)) / 1024 ** 2 : 0
    const broken =
      memory > spec.memory
        ? `held ${Math.ceil(memory)} MiB of memory, granted are ${spec.memory}`
        : disk > SCRATCH_MIB
          ? `filled ${Math.ceil(disk)} MiB of scratch space, granted are ${SCRATCH_MIB}`
          : undefined
    if (broken === undefined || over.aborted) continue
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    return broken
  }
  return undefined
}
