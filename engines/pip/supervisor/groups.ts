import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** MiB that a group may hold beside the grant: program text and files in the cache count here, and not in the grant. */
const BESIDE_MIB = 64
const PROCESSES = 512
/** Of 1 to 10000; we ourselves have 100, so that what runs does not keep its supervisor waiting. */
const WEIGHT = 50

/**
 * Control groups (version 2) for processes, where systemd delegates its own to the supervisor (`Delegate=yes`). Then the
 * kernel itself ends what passes its memory, also between two looks of ours, and shares the processor out.
 */
export class Groups {
  readonly #folder: string

  /** Undefined where this host has none that we may make; then the looks at memory and the priority are all there is. */
  static async open(mount = '/sys/fs/cgroup', self = '/proc/self/cgroup'): Promise<Groups | undefined> {
    const ours = /^0::(\/.*)$/m.exec(await readFile(self, 'utf8').catch(() => ''))?.[1]
    if (ours === undefined) return undefined
    const folder = join(mount, ours)
    const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8').catch(() => '')).trim().split(' ')
    const may = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    )
    if (!may || !['memory', 'pids', 'cpu'].every((name) => controllers.includes(name))) return undefined
    const groups = new Groups(folder)
    return groups.#begin().then(
      () => groups,
      () => undefined,
    )
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** A group has processes or groups, never both: we move into one of our own. Fails where we are not alone in it. */
  async #begin(): Promise<void> {
    const own = join(this.#folder, 'supervisor')
    await mkdir(own, { recursive: true })
    await writeFile(join(own, 'cgroup.procs'), String(process.pid))
    await writeFile(join(this.#folder, 'cgroup.subtree_control'), '+memory +pids +cpu')
    // Groups that a supervisor left which was killed; those with processes stay, and their names are not used again.
    for (const name of await readdir(this.#folder)) if (name.startsWith(PREFIX)) await this.#drop(name)
  }

  /** A group for the run that has this folder, as the path of its own. `memory` in MiB. */
  async make(run: string, memory: number): Promise<string> {
    const group = this.#path(run)
    await mkdir(group)
    const set = (file: string, value: number | string) => writeFile(join(group, file), String(value))
    await set('memory.max', (memory + BESIDE_MIB) * 1024 ** 2)
    // Not every kernel has swap, or counts it.
    await set('memory.swap.max', 0).catch(() => undefined)
    await set('memory.oom.group', 1)
    await set('pids.max', PROCESSES)
    await set('cpu.weight', WEIGHT)
    return group
  }

  /** In words, when the kernel ended it for its memory. */
  async whyEnded(run: string): Promise<string | undefined> {
    const events = await readFile(join(this.#path(run), 'memory.events'), 'utf8').catch(() => '')
    return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0) > 0
      ? 'passed its memory and was ended by the kernel'
      : undefined
  }

  async remove(run: string): Promise<void> {
    await this.#drop(basename(this.#path(run)))
  }

  /** The kernel takes a moment to see that the last process of a group is gone. */
  async #drop(name: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const gone = await rmdir(join(this.#folder, name)).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
      )
      if (gone) return
      await delay(25)
    }
  }

  #path(run: string): string {
    return join(this.#folder, `${PREFIX}${basename(run)}`)
  }
}

const PREFIX = 'pipi-'
