import grpc from '@grpc/grpc-js'
import providerService from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import { PipiError } from '../../catalog/errors.ts'
import type { TypeScriptProvider } from '../contract/provider.ts'
import { handlers } from './handlers.ts'

export interface ServedProvider {
  /** `127.0.0.1:<port>`, as the guard's relay dials it. */
  address: string
  port: number
  /** Lets operations in flight end (two seconds at most), then closes every connection. */
  close(): Promise<void>
}

/**
 * Puts a provider on the wire as Pulumi's ResourceProvider service, on loopback only. Port 0 takes a free one.
 * Configuration is kept per connection, so several engines (and explicit providers) share one address.
 */
export async function serveProvider(
  provider: TypeScriptProvider,
  options: { port?: number; host?: '127.0.0.1' } = {},
): Promise<ServedProvider> {
  const host = options.host ?? '127.0.0.1'
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 })
  server.addService(providerService.ResourceProviderService, handlers(provider))
  const port = await bind(server, host, options.port ?? 0)
  return { address: `${host}:${port}`, port, close: () => close(server) }
}

function bind(server: grpc.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else
        reject(
          new PipiError('platform.internal', `a provider could not listen on ${host}:${port}: ${error.message}`, {
            cause: error,
          }),
        )
    })
  })
}

function close(server: grpc.Server): Promise<void> {
  return new Promise((resolve) => {
    const hasten = setTimeout(() => server.forceShutdown(), 2_000)
    server.tryShutdown(() => {
      clearTimeout(hasten)
      resolve()
    })
  })
}
