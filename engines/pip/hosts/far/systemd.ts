import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PipiError } from '../../../../catalog/errors.ts'

const run = promisify(execFile)

/** A systemd that this user may keep a service with. */
export interface Systemd {
  scope: 'system' | 'user'
  /** Where its unit files lie. */
  folder: string
}

/** Undefined where no systemd runs, or none that this user may use. */
export async function findSystemd(): Promise<Systemd | undefined> {
  if (!existsSync('/run/systemd/system')) return undefined
  if (process.getuid?.() === 0) return { scope: 'system', folder: '/etc/systemd/system' }
  const user: Systemd = { scope: 'user', folder: join(homedir(), '.config/systemd/user') }
  return systemctl(user, 'show-environment').then(
    () => user,
    () => undefined,
  )
}

/** The same for the same folder. */
export function unitName(folder: string): string {
  return `pipi-supervisor-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}.service`
}

/** The unit of a supervisor: started at boot, and again whenever it ends. Its processes get groups of their own below it. */
export function unitText(order: { folder: string; main: string; node: string; scope: Systemd['scope'] }): string {
  const command = [order.node, '--disable-warning=ExperimentalWarning', order.main, order.folder].map(word).join(' ')
  return `# Written by Pipi Engines; written anew when the supervisor's program changes.
[Unit]
Description=Pipi supervisor of ${order.folder.replaceAll('%', '%%')}
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command}
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=45
UMask=0077
Delegate=yes

[Install]
WantedBy=${order.scope === 'system' ? 'multi-user.target' : 'default.target'}
`
}

/** Writes the unit, and makes it run now and at each boot. */
export async function startUnit(
  systemd: Systemd,
  order: { folder: string; main: string; node: string },
): Promise<void> {
  const name = unitName(order.folder)
  await mkdir(systemd.folder, { recursive: true })
  await writeFile(join(systemd.folder, name), unitText({ ...order, scope: systemd.scope }))
  await systemctl(systemd, 'daemon-reload')
  await systemctl(systemd, 'enable', name)
  await systemctl(systemd, 'restart', name)
  // Without it a user's services end with the last session, and do not start at boot.
  if (systemd.scope === 'user') await run('loginctl', ['enable-linger', userInfo().username])
}

/** Whether systemd sees to it that the supervisor of a folder runs. */
export async function unitLives(systemd: Systemd, folder: string): Promise<boolean> {
  return systemctl(systemd, 'is-active', unitName(folder)).then(
    () => true,
    () => false,
  )
}

/** Ends the service and removes its unit. */
export async function removeUnit(systemd: Systemd, folder: string): Promise<void> {
  const name = unitName(folder)
  if (!existsSync(join(systemd.folder, name))) return
  await systemctl(systemd, 'disable', '--now', name)
  await rm(join(systemd.folder, name), { force: true })
  await systemctl(systemd, 'daemon-reload')
}

async function systemctl({ scope }: Systemd, ...args: string[]): Promise<void> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', XDG_RUNTIME_DIR: `/run/user/${process.getuid?.()}` }
  await run('systemctl', [...(scope === 'user' ? ['--user'] : []), ...args], { env, timeout: 60_000 }).catch(
    (cause: Error & { stderr?: string }) => {
      throw new PipiError('provider.failed', `systemctl ${args.join(' ')}: ${cause.stderr?.trim() || cause.message}`, {
        hint: 'See journalctl on that machine.',
        cause,
      })
    },
  )
}

/** One word of a command in a unit file: `%` and `$` mean something there, and so do quotes. */
function word(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}
