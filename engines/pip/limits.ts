import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'

const MIB = 1024 ** 2
/** MiB: more disk than this is not promised, however much there is. */
const DISK_CAP = 20 * 1024
const PORTS = 100

/**
 * What this host may promise: half of its memory (of its container, where that has less), half of the free disk. The
 * other halves are for the system, for the platform, and for the moment in which a new release runs beside the old one.
 */
export default async function limits(options: { dataDir?: string } = {}): Promise<Record<string, number>> {
  const disk = await statfs(options.dataDir ?? process.cwd())
  // 0 or more than there is, where nothing constrains us.
  const constrained = process.constrainedMemory()
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return {
    'pip-host.memory': Math.floor(memory / MIB / 2),
    'pip-host.disk': Math.min(DISK_CAP, Math.floor((disk.bavail * disk.bsize) / MIB / 2)),
    'pip-host.ports': PORTS,
  }
}
