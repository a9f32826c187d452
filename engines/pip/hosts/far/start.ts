import { mkdir, readFile, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../../catalog/errors.ts'
import { writeAtomic } from '../../supervisor/atomic-file.ts'
import { placeFile } from '../../supervisor/place.ts'
import { endKeeper, keeperLives, keeperLog, startKeeper } from './keeper.ts'
import type { KeptBy, Started, StartOrder } from './order.ts'
import { runningSupervisor, startedFile } from './running.ts'
import { findSystemd, startUnit, unitLives } from './systemd.ts'

const READY_MS = 40_000
const MIB = 1024 ** 2

/**
 * Sees to it that a supervisor of this very program runs on a folder of this machine, kept by systemd where there is
 * one. What runs already stays untouched; another program or place takes its turn: all it runs comes back with it.
 */
export async function startSupervisor(order: StartOrder): Promise<Started> {
  const { folder, main, place } = order
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const node = process.execPath
  const systemd = await findSystemd()
  const keptBy: KeptBy =
    systemd === undefined ? 'a keeper of ours' : systemd.scope === 'system' ? 'systemd' : 'systemd of the user'
  const wanted = JSON.stringify({ main, node, place, keptBy })
  const before = await readFile(startedFile(folder), 'utf8').catch(() => '')
  const kept = before === wanted && (systemd === undefined ? keeperLives(folder) : unitLives(systemd, folder))
  // A machine that has much to do answers late, or is just starting it again: no reason to end what runs.
  let running = (await kept) ? await ready(folder).catch(() => undefined) : undefined
  if (running === undefined) {
    await endKeeper(folder)
    await writeAtomic(placeFile(folder), JSON.stringify(place))
    if (systemd === undefined) await startKeeper({ folder, main, node })
    else await startUnit(systemd, { folder, main, node })
    running = await ready(folder)
    await writeAtomic(startedFile(folder), wanted)
  }
  const disk = await statfs(folder)
  return {
    ...running,
    keptBy,
    memoryMib: Math.floor(totalmem() / MIB),
    diskFreeMib: Math.floor((disk.bavail * disk.bsize) / MIB),
  }
}

async function ready(folder: string): Promise<{ token: string; port: number }> {
  const patience = performance.now() + READY_MS
  while (performance.now() < patience) {
    const running = await runningSupervisor(folder)
    if (running !== undefined) return running
    await delay(50)
  }
  const log = await readFile(keeperLog(folder), 'utf8').catch(() => '')
  throw new PipiError('engine.crashed', `the supervisor was not ready within ${READY_MS / 1000} s`, {
    hint: `Its last words: ${log.trim().split('\n').at(-1) || 'none; see journalctl there'}`,
  })
}
