import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { debianPackages } from '../../../helpers/debian.ts'
import { freePort } from '../../../helpers/free-port.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'

const run = promisify(execFile)

/** A real OpenSSH server, or why there is none here. */
export async function findSshd(): Promise<{ program: string; libraries: string } | { missing: string }> {
  if (process.platform !== 'linux') return { missing: 'the hosts are Linux' }
  if (!existsSync('/usr/bin/ssh')) return { missing: 'there is no OpenSSH client' }
  const packages = ['openssh-server', 'libwrap0', 'libnss-wrapper']
  const found = await debianPackages('openssh-server', packages, 'usr/sbin/sshd')
  if ('missing' in found) return found
  const [arch = ''] = await readdir(join(found.folder, 'usr/lib')).then((all) =>
    all.filter((one) => /linux-gnu/.test(one)),
  )
  return { program: join(found.folder, 'usr/sbin/sshd'), libraries: join(found.folder, 'usr/lib', arch) }
}

export interface TestSshd {
  port: number
  user: string
  /** File with the private key of the only one who may log in. */
  key: string
  /** The server's public key. */
  hostKey: string
  /** Every connection breaks; nobody can make a new one. */
  kill(): Promise<void>
  start(): Promise<void>
  /** What it wrote of logins. */
  log(): Promise<string>
}

/** A server on loopback, as the user who runs the tests, with keys of its own. */
export async function openSshd(sshd: { program: string; libraries: string }): Promise<TestSshd> {
  const folder = await tempFolder('sshd')
  const file = (name: string) => join(folder, name)
  for (const name of ['host', 'user']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)])
  const port = await freePort()
  const user = userInfo().username
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('user.pub')}`,
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    `PidFile none`,
    'LogLevel VERBOSE',
  ]
  await writeFile(file('config'), `${settings.join('\n')}\n`)
  // As root it gives up its rights to a user of this name before anybody has logged in, in this folder.
  const users = await readFile('/etc/passwd', 'utf8')
  await writeFile(file('passwd'), `${users.trimEnd()}\nsshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`)
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) await mkdir('/run/sshd', { mode: 0o755 })
  let child: ChildProcess | undefined
  const server: TestSshd = {
    port,
    user,
    key: file('user'),
    hostKey: (await readFile(file('host.pub'), 'utf8')).trim(),
    log: () => readFile(file('log'), 'utf8').catch(() => ''),
    async start() {
      child = spawn(sshd.program, ['-D', '-E', file('log'), '-f', file('config')], {
        env: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          PIPI_TEST_RUN: process.env.PIPI_TEST_RUN,
          LD_LIBRARY_PATH: sshd.libraries,
          LD_PRELOAD: join(sshd.libraries, 'libnss_wrapper.so'),
          NSS_WRAPPER_PASSWD: file('passwd'),
          NSS_WRAPPER_GROUP: '/etc/group',
        },
        stdio: ['ignore', 'ignore', 'inherit'],
        detached: true,
      })
      await once(child, 'spawn')
      await waitFor('sshd to listen', async () => /listening on/.test(await server.log()))
    },
    async kill() {
      if (child === undefined) return
      const gone = once(child, 'exit')
      // Sessions are processes of their own; they are children of the one that listens.
      for (const pid of [...(await childrenOf(child.pid as number)), child.pid as number]) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
        }
      }
      await gone
      child = undefined
      await writeFile(file('log'), '')
    },
  }
  await server.start()
  return server
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.trim().split(' ').filter(Boolean).map(Number)
}
