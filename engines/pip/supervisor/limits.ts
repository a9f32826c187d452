import { setTimeout as delay } from 'node:timers/promises'
import { folderSize } from '../../parts/build/folder-size.ts'
import { type ProcessSpec, SCRATCH_MIB, type StoreSpec } from './spec.ts'

const MIB = 1024 ** 2
const WATCH_MS = 500
/** Between two looks at folders, in looks at the memory. */
const DISK_EVERY = 10

interface Watched {
  spec: ProcessSpec
  pid: number
  /** Its scratch folder. */
  folder: string
  stores: { spec: StoreSpec; path: string }[]
  /** MiB that it holds now. */
  memory(): Promise<number>
}

/**
 * Kills what passes its grant, with all it started. Says which, or undefined when it ended otherwise. A store that is too
 * full already when the process starts may be made emptier by it, but not fuller.
 */
export async function watchLimits(watched: Watched, over: AbortSignal): Promise<string | undefined> {
  const ceilings = await Promise.all(
    watched.stores.map(async ({ spec, path }) => ({
      spec,
      path,
      most: Math.max(spec.size * MIB, (await folderSize(path)).bytes),
    })),
  )
  for (let look = 1; !over.aborted; look += 1) {
    await delay(WATCH_MS, undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return undefined
    const broken =
      passesMemory(watched.spec, await watched.memory()) ??
      (look % DISK_EVERY === 0 ? await passesDisk(watched.folder, ceilings) : undefined)
    if (broken === undefined || over.aborted) continue
    try {
      process.kill(-watched.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    return broken
  }
  return undefined
}

function passesMemory({ memory: granted }: ProcessSpec, held: number): string | undefined {
  return held > granted ? `held ${Math.ceil(held)} MiB of memory, granted are ${granted}` : undefined
}

async function passesDisk(
  scratch: string,
  stores: { spec: StoreSpec; path: string; most: number }[],
): Promise<string | undefined> {
  const filled = Math.ceil((await folderSize(scratch)).bytes / MIB)
  if (filled > SCRATCH_MIB) return `filled ${filled} MiB of scratch space, granted are ${SCRATCH_MIB}`
  for (const { spec, path, most } of stores) {
    const { bytes: size } = await folderSize(path)
    if (size > most) return `filled the store ${spec.name} with ${Math.ceil(size / MIB)} MiB, granted are ${spec.size}`
  }
  return undefined
}
