import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PipiError } from '../../../../catalog/errors.ts'
import type { SshAddress } from '../schema.ts'
import { ALIAS, knownHost, lastLine, noClient } from './known-host.ts'
import { shellCall } from './quote.ts'

const KEPT_BYTES = 1024 ** 2
const CONNECT_S = 10

/**
 * The system's own OpenSSH client: its ciphers and key formats come with the system's updates, and a tunnel costs no
 * line of ours. Nothing of the user's is read (no configuration, no agent, no known hosts), and nothing is asked.
 */
export class Ssh {
  readonly #address: SshAddress
  readonly #knownHosts: string

  /** `folder` is for the file with the pinned key. */
  static async open(address: SshAddress, folder: string): Promise<Ssh> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const knownHosts = join(folder, 'known_host')
    await writeFile(knownHosts, await knownHost(address), { mode: 0o600 })
    return new Ssh(address, knownHosts)
  }

  private constructor(address: SshAddress, knownHosts: string) {
    this.#address = address
    this.#knownHosts = knownHosts
  }

  /**
   * Runs a script with `/bin/sh` there and gives what it printed. `$1`, `$2`… are `args`.
   * Throws `platform.unreachable` when there is no connection, `host.mismatch` for another host key, `provider.failed`
   * with what it said when the script fails.
   */
  async run(script: string, args: readonly string[] = [], options: { input?: Readable; signal?: AbortSignal } = {}) {
    const child = this.start(shellCall(script, args), [], options.signal)
    const said = gather(child)
    const sent = pipeline(options.input ?? Readable.from([]), child.stdin as NonNullable<typeof child.stdin>).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
    const code = await ended(child)
    const failed = await sent
    if (code === 0 && failed !== undefined) {
      throw new PipiError(
        'provider.failed',
        `What was to be sent to ${this.#address.host} broke off: ${failed.message}`,
      )
    }
    if (code === 0) return said.stdout()
    throw this.toError(code, said.stderr())
  }

  /** A connection with more options, whose command the caller talks to. */
  start(command: string, options: readonly string[], signal?: AbortSignal): ChildProcess {
    const { user, host } = this.#address
    const args = [...this.#options(), ...options, '-l', user, '--', host, command]
    return spawn('ssh', args, {
      // Neither an agent nor a program that would ask.
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    })
  }

  /** What the client's own failure means; 255 is the client's, all else the command's. */
  toError(code: number | null, stderr: string): PipiError {
    const { host, user, port } = this.#address
    const last = lastLine(stderr)
    if (code !== 255 && code !== null) {
      return new PipiError('provider.failed', `${host}: ${last}`, {
        data: { lines: stderr.trim().split('\n').slice(-20) },
      })
    }
    if (/host key/i.test(stderr)) {
      return new PipiError('host.mismatch', `${host} does not prove to have the pinned host key`, {
        hint: 'Nothing was sent to it. Find out on the machine itself which key it has before you change hostKey in hosts.yaml.',
      })
    }
    const denied = /permission denied/i.test(stderr)
    return new PipiError('platform.unreachable', `${host}:${port} cannot be reached as ${user}: ${last}`, {
      hint: denied
        ? `Does ~/.ssh/authorized_keys of ${user} there hold the public half of the key, and may only its owner read the key here?`
        : 'Is it on, does an SSH server listen there, and is the way to it open?',
    })
  }

  #options(): string[] {
    const { port, key } = this.#address
    const options = {
      BatchMode: 'yes',
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: pathOption(this.#knownHosts),
      GlobalKnownHostsFile: 'none',
      HostKeyAlias: ALIAS,
      CheckHostIP: 'no',
      UpdateHostKeys: 'no',
      VerifyHostKeyDNS: 'no',
      IdentitiesOnly: 'yes',
      IdentityAgent: 'none',
      IdentityFile: pathOption(key),
      PreferredAuthentications: 'publickey',
      ForwardAgent: 'no',
      ForwardX11: 'no',
      PermitLocalCommand: 'no',
      RequestTTY: 'no',
      ConnectTimeout: CONNECT_S,
      ServerAliveInterval: 5,
      ServerAliveCountMax: 3,
      LogLevel: 'ERROR',
    }
    const pairs = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    return ['-F', 'none', ...pairs, '-p', String(port)]
  }
}

/** As OpenSSH reads paths: several with spaces between, and `%` means something. */
function pathOption(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}

/** The exit code, or null when a signal ended it. Throws `toolchain.missing` where there is no client. */
export async function ended(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return code
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noClient(error)
    throw error
  }
}

function gather(child: ChildProcess): { stdout(): string; stderr(): string } {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-KEPT_BYTES)
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_BYTES)
  })
  return { stdout: () => stdout, stderr: () => stderr }
}
