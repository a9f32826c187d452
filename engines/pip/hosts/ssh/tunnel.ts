import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { ended, type Ssh } from './ssh.ts'

export interface Tunnel {
  /** On 127.0.0.1; leads to the port there. */
  port: number
  /** Resolves with why, when it broke or was closed. */
  broken: Promise<Error>
  close(): Promise<void>
}

/**
 * Opens a port on 127.0.0.1 that leads to a loopback port there. The far end runs `cat`: it tells that the way is open,
 * and it ends, and the tunnel with it, when this process is gone however it went.
 */
export async function openTunnel(ssh: Ssh, to: number): Promise<Tunnel> {
  const port = await freePort()
  const child = ssh.start('exec cat', ['-o', 'ExitOnForwardFailure=yes', '-L', `127.0.0.1:${port}:127.0.0.1:${to}`])
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096)
  })
  child.stdin?.on('error', () => undefined)
  const broken = ended(child).then(
    (code) => ssh.toError(code === 0 ? 255 : code, stderr),
    (error: Error) => error,
  )
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  child.stdin?.write('open\n')
  const open = await Promise.race([once(lines, 'line').then(() => undefined), broken])
  if (open !== undefined) throw open
  return {
    port,
    broken,
    async close() {
      child.kill('SIGTERM')
      await broken
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
