import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'

/**
 * One supervisor per folder: whoever listens on the folder's name has it. The system takes the name back when its
 * holder dies, however that happens. Returns how to give it back.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32)
  const address = process.platform === 'linux' ? `\0pipi-supervisor-${name}` : join(tmpdir(), `pipi-${name}.sock`)
  const server = createServer((peer) => peer.destroy())
  server.unref()
  // A socket that is a file stays when its holder is killed.
  if (process.platform !== 'linux' && !(await answers(address))) await rm(address, { force: true })
  server.listen(address)
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause
    throw new PipiError('conflict.state', `A supervisor runs on ${folder} already`, {
      hint: 'One host has one supervisor. End the other platform first, or give this one a data folder of its own.',
      cause,
    })
  })
  return async () => {
    server.close()
    await once(server, 'close')
  }
}

async function answers(address: string): Promise<boolean> {
  const socket = connect(address)
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy())
}
