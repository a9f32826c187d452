import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { PipiError } from '../../../../catalog/errors.ts'
import type { SshAddress } from '../schema.ts'

/** Under which name the pinned key stands in the file: whatever the host is called, no other key is looked up. */
export const ALIAS = 'pipi-host'
const SCAN_S = 10

/**
 * The text of a `known_hosts` file with the pinned key and nothing else. A fingerprint cannot stand in such a file, so
 * the host is asked for its keys and the one that has the fingerprint is taken; nothing else is sent. Throws
 * `host.mismatch` when it has none, `platform.unreachable` when it does not answer.
 */
export async function knownHost(address: SshAddress): Promise<string> {
  if (!address.hostKey.startsWith('SHA256:')) return lineOf(address.hostKey)
  const keys = await scan(address)
  const wanted = address.hostKey.replace(/=$/, '')
  const found = keys.find((key) => fingerprintOf(key) === wanted)
  if (found !== undefined) return lineOf(found)
  throw new PipiError('host.mismatch', `${address.host} has no key with the pinned fingerprint ${wanted}`, {
    hint: `It shows ${keys.map((key) => `${key.split(' ')[0]} ${fingerprintOf(key)}`).join(', ')}. Find out on the machine itself which is right (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) before you change hostKey.`,
  })
}

/** `SHA256:…` of a public key as OpenSSH shows it. */
export function fingerprintOf(key: string): string {
  const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function lineOf(key: string): string {
  const [type, blob] = key.split(' ')
  return `${ALIAS} ${type} ${blob}\n`
}

async function scan({ host, port }: SshAddress): Promise<string[]> {
  const args = ['-T', String(SCAN_S), '-p', String(port), '-t', 'ed25519,ecdsa,rsa', host]
  const { stdout, stderr } = await promisify(execFile)('ssh-keyscan', args, { timeout: (SCAN_S + 5) * 1000 }).catch(
    (error: NodeJS.ErrnoException & { stderr?: string }) => {
      if (error.code === 'ENOENT') throw noClient(error)
      return { stdout: '', stderr: error.stderr ?? '' }
    },
  )
  const keys = stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ').slice(1, 3).join(' '))
  if (keys.length > 0) return keys
  throw new PipiError('platform.unreachable', `${host}:${port} shows no host key: ${lastLine(stderr)}`, {
    hint: 'Is it on, does an SSH server listen there, and is the way to it open?',
  })
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'no answer'
}

export function noClient(cause: unknown): PipiError {
  return new PipiError('toolchain.missing', 'The OpenSSH client is not on this machine', {
    hint: 'Install it: apt-get install openssh-client, dnf install openssh-clients, apk add openssh-client',
    cause,
  })
}
