import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { PipiError } from '../../../../catalog/errors.ts'
import { identityFile, openIdentity, saveIdentity } from '../../supervisor/identity.ts'
import { linkOrderSchema } from '../schema.ts'
import { serveGateway } from './gateway.ts'
import { Link } from './link.ts'

/**
 * The companion of a host elsewhere: its first argument is its folder here, the first line on standard input the host.
 * Prints one line of JSON when it answers, whether or not the host does. Ends on SIGTERM and with its standard input;
 * what runs there goes on.
 */
const folder = process.argv[2]
try {
  if (folder === undefined)
    throw new PipiError('input.invalid', 'No folder was named', { hint: 'Give it as the first argument.' })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lines = createInterface({ input: process.stdin })
  const [line] = (await once(lines, 'line')) as [string]
  const { host } = linkOrderSchema.parse(JSON.parse(line))
  const identity = await openIdentity(folder)
  const link = new Link(host, folder)
  const gateway = await serveGateway({ link, token: identity.token, port: identity.port })
  if (gateway.port !== identity.port) await saveIdentity(folder, { ...identity, port: gateway.port })
  const end = (): void => {
    Promise.all([gateway.close(), link.close()]).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, end)
  process.stdin.once('close', end)
  process.stdout.on('error', () => undefined)
  const address = `http://127.0.0.1:${gateway.port}/#${pathToFileURL(identityFile(folder)).pathname}`
  console.log(JSON.stringify({ ready: true, address }))
} catch (error) {
  console.log(JSON.stringify({ ready: false, error: PipiError.from(error).toJSON() }))
  process.exit(1)
}
