import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { CheckedHost, HostFinding, HostsOrder } from '../../contract/hosts.ts'
import { INSTALL, newestServer } from '../supervisor/databases/cluster.ts'
import { findSystemd } from './far/systemd.ts'
import { cannotBringNode, OWN_NODE, programName } from './link/bring.ts'
import { NODE_MAJOR, type Probe, probe } from './link/probe.ts'
import { supervisorProgram } from './program.ts'
import { readHosts } from './read-hosts.ts'
import { LOCAL, type RemoteHost } from './schema.ts'
import { Ssh } from './ssh/ssh.ts'

/** Whether the listed hosts, or one, can be reached and used. One connection each; changes nothing there. */
export async function checkHosts({ file }: HostsOrder, name?: string): Promise<CheckedHost[]> {
  const listed = (await readHosts(file)) ?? [{ name: LOCAL, local: true as const }]
  const wanted = name === undefined ? listed : listed.filter((host) => host.name === name)
  if (wanted.length === 0) {
    throw new PipiError('not-found', `there is no host "${name}"`, {
      hint: `there are ${listed.map((host) => host.name).join(', ')}`,
    })
  }
  const checked = wanted.map(async (host) => ('ssh' in host ? checkRemote(host) : checkLocal()))
  return Promise.all(checked)
}

async function checkLocal(): Promise<CheckedHost> {
  const [systemd, postgres] = await Promise.all([findSystemd(), newestServer()])
  const findings = [
    { what: 'reached', ok: true, why: 'it is this machine' },
    { what: 'node', ok: true, why: `${process.version}, the platform's own` },
    systemdFinding(systemd !== undefined),
    postgresFinding(postgres && `version ${postgres.major}`),
  ]
  return { name: LOCAL, ok: true, findings }
}

async function checkRemote(host: RemoteHost): Promise<CheckedHost> {
  const folder = await mkdtemp(join(tmpdir(), 'pipi-check-'))
  try {
    const ssh = await Ssh.open(host.ssh, folder)
    const program = await supervisorProgram()
    const found = await probe(ssh, { folder: host.folder, node: OWN_NODE, program: programName(program) })
    const findings = [
      { what: 'reached', ok: true, why: `${host.ssh.user}@${host.ssh.host}, with the pinned host key` },
      nodeFinding(found),
      systemdFinding(found.systemd),
      postgresFinding(found.postgres),
    ]
    return { name: host.name, ok: findings.every(({ ok }) => ok), findings }
  } catch (error) {
    const { message, hint } = PipiError.from(error)
    const finding = { what: 'reached', ok: false, why: message, ...(hint === undefined ? {} : { hint }) }
    return { name: host.name, ok: false, findings: [finding] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function nodeFinding(found: Probe): HostFinding {
  const what = 'node'
  if (found.node !== undefined) return { what, ok: true, why: `${found.node.version} at ${found.node.path}` }
  const why = cannotBringNode(found)
  if (why === undefined) return { what, ok: true, why: `${process.version} will be brought along` }
  return { what, ok: false, why, hint: `install Node ${NODE_MAJOR} there, so that "node" is found by its user` }
}

/** Without it databases are refused there, and all else is carried: nothing is wrong. */
function postgresFinding(found: string | undefined): HostFinding {
  const what = 'postgresql'
  return found === undefined
    ? { what, ok: true, why: 'none: databases are refused there', hint: INSTALL }
    : { what, ok: true, why: `databases are carried: ${found}` }
}

/** Without it nothing is lost, so nothing is wrong. */
function systemdFinding(there: boolean): HostFinding {
  const why = there
    ? 'it runs: what is deployed there survives a reboot'
    : 'none runs: after a reboot things start again once the platform reaches the machine'
  return { what: 'systemd', ok: true, why }
}
