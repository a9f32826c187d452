import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { HostsOrder } from '../../contract/hosts.ts'
import { placeSchema } from '../supervisor/place.ts'
import { runningSupervisor, startedFile } from './far/running.ts'
import { startSupervisor } from './far/start.ts'
import { findSystemd, removeUnit, type Systemd, unitName } from './far/systemd.ts'
import { placeOf } from './place-of.ts'
import { readHosts } from './read-hosts.ts'

const SUPERVISOR = join(import.meta.dirname, '..', 'supervisor', 'main.ts')

/**
 * Makes this machine's supervisor a service: it starts at boot and does not end with the platform, which attaches to it
 * from its next start on. Throws `conflict.state` while the platform runs it, `toolchain.missing` without systemd.
 */
export async function installLocal({ file, companionDir }: HostsOrder): Promise<string> {
  const systemd = await requireSystemd()
  const installed = await isInstalled(companionDir)
  if (!installed && (await runningSupervisor(companionDir)) !== undefined) {
    throw new PipiError('conflict.state', 'the platform runs this machine’s supervisor right now', {
      hint: 'Stop ./pipi serve, install, and start it again. What runs here is back when the service is.',
    })
  }
  const listed = (await readHosts(file))?.find((host) => 'local' in host)
  await mkdir(companionDir, { recursive: true, mode: 0o700 })
  const place = listed === undefined ? placeSchema.parse({}) : placeOf(listed)
  const { keptBy } = await startSupervisor({ folder: companionDir, main: SUPERVISOR, place })
  return `${unitName(companionDir)} runs, kept by ${keptBy} (${systemd.folder}).`
}

/** Ends the service and removes it; what it ran starts again with the platform. */
export async function uninstallLocal({ companionDir }: HostsOrder): Promise<string> {
  const systemd = await requireSystemd()
  if (!(await isInstalled(companionDir))) return 'No service is installed for this data folder.'
  await removeUnit(systemd, companionDir)
  await rm(startedFile(companionDir), { force: true })
  return `${unitName(companionDir)} has ended and is removed; the platform runs this machine's supervisor again.`
}

async function isInstalled(companionDir: string): Promise<boolean> {
  return readFile(startedFile(companionDir)).then(
    () => true,
    () => false,
  )
}

async function requireSystemd(): Promise<Systemd> {
  const systemd = await findSystemd()
  if (systemd !== undefined) return systemd
  throw new PipiError('toolchain.missing', 'systemd does not run on this machine, or not for this user', {
    hint: 'The platform runs the supervisor as its own process, and starts it again with itself. Start ./pipi serve at boot.',
  })
}
