import { PipiError } from '../../catalog/errors.ts'
import type { ApiContext } from '../api/context.ts'
import { buildApi } from '../api/server.ts'
import type { Settings } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import type { Closing } from './closing.ts'

/** Answers at the settings' address, and says so in the data folder. Throws `conflict.state` when the port is in use. */
export async function listenHttp(
  settings: Settings,
  data: DataFolder,
  closing: Closing,
  context: ApiContext,
): Promise<string> {
  const api = await buildApi(context)
  closing.add('api', () => api.close())
  try {
    await api.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new PipiError('conflict.state', `port ${settings.port} of ${settings.host} is in use`, {
      hint: 'stop what uses it, or give another one: --port N (0 takes a free one)',
      cause: error,
    })
  }
  const address = api.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : settings.port
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  await data.announce(url)
  return url
}
