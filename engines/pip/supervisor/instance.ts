import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { clearFolder } from '../../parts/build/clear-folder.ts'
import { endProcesses } from '../../parts/process/end.ts'
import { commandOf } from './command.ts'
import type { Groups } from './groups.ts'
import { watchLimits } from './limits.ts'
import type { ProcessLog } from './log.ts'
import { groupMemory, ownMemory } from './memory.ts'
import type { PortPool } from './ports.ts'
import type { Root } from './roots.ts'
import type { ProcessSpec, StoreSpec } from './spec.ts'

/** One run of a process. */
export interface Instance {
  spec: ProcessSpec
  pid: number
  /** Where it listens; only the gate talks to it. 0: it answers nobody. */
  port: number
  /** How it ended, in words. */
  ended: Promise<string>
  /** Its exit code, once it ended by itself. */
  code(): number | undefined
  memory(): Promise<number>
  /** What it said last. */
  lastLines(): string[]
  /** SIGTERM, then SIGKILL. Resolves when nothing of it lives and its scratch folder is gone. */
  stop(graceMs: number): Promise<void>
}

export interface InstanceOrder {
  spec: ProcessSpec
  release: string
  /** A folder of this run alone. */
  folder: string
  tag: string
  log: ProcessLog
  /** Missing: it answers nobody. */
  ports?: PortPool
  stores: { spec: StoreSpec; path: string }[]
  /** Of a container: its image's files; left when nothing of it lives. */
  root?: Root
  groups?: Groups
}

/** Starts a process beside whatever runs under the same name. Throws when it cannot be started at all. */
export async function startInstance(order: InstanceOrder): Promise<Instance> {
  const { spec, folder, log, stores, release, tag, ports, root } = order
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
  for (const scratch of [home, temporary]) await mkdir(scratch, { recursive: true, mode: 0o700 })
  const port = await ports?.take(folder)
  const group = await order.groups?.make(folder, spec.memory)
  const leave = async (): Promise<void> => {
    await clearFolder(folder)
    await root?.leave()
    await order.groups?.remove(folder)
    if (port !== undefined) ports?.give(port)
  }
  try {
    const command = await commandOf(spec, {
      ...{ release, home, temporary, tag, stores, folder },
      ours: dirname(dirname(folder)),
      ...(port === undefined ? {} : { port }),
      ...(group === undefined ? {} : { group }),
      ...(root === undefined ? {} : { root }),
    })
    if (command.unwalled !== undefined) await log.note(`There are no walls around it: ${command.unwalled}`)
    const child = spawn(command.file, command.args, {
      cwd: release,
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
    const many = spec.runtime === 'jvm' || spec.runtime === 'container'
    const memory = () => (many ? groupMemory(pid) : ownMemory(pid))
    const broken = watchLimits({ spec, pid, folder, stores, memory }, over.signal)
    let exitCode: number | undefined
    const ended = exited.then(async ([code, signal]) => {
      over.abort()
      exitCode = code ?? undefined
      await Promise.race([told, delay(500)])
      const passed = (await broken) ?? (await order.groups?.whyEnded(folder))
      return passed ?? (signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`)
    })
    return {
      spec,
      pid,
      port: port ?? 0,
      ended,
      code: () => exitCode,
      memory,
      lastLines: voice.lastLines,
      async stop(graceMs) {
        await endProcesses({ group: pid }, graceMs)
        await exited
        await leave()
      },
    }
  } catch (error) {
    await leave()
    throw error
  }
}
