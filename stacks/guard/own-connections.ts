import type * as grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { PipiError } from '../../catalog/errors.ts'
import { joinConfiguration } from '../wire/configuration.ts'
import type { Values } from '../wire/values.ts'
import { callProvider, connect } from './relay.ts'

export interface OwnConnections {
  /** The configured connection for a type or function token (`package:module:Name`), made when it is first asked for. */
  of(token: string): Promise<grpc.Client>
  close(): void
}

/** Connections to the providers beside those of the Pulumi engine, for questions of ours. Close them afterwards. */
export function openConnections(options: {
  /** gRPC address by provider name. */
  upstreams: Readonly<Record<string, string>>
  configuration: Values
  /** How long Configure may take, milliseconds. */
  patienceMs: number
}): OwnConnections {
  const connections = new Map<string, Promise<grpc.Client>>()
  return {
    of(token) {
      const provider = token.split(':')[0] ?? ''
      const open = connections.get(provider) ?? configured(provider)
      connections.set(provider, open)
      return open
    },
    close() {
      for (const open of connections.values()) open.then((client) => client.close()).catch(() => undefined)
    },
  }

  async function configured(provider: string): Promise<grpc.Client> {
    const address = options.upstreams[provider]
    if (address === undefined) throw new PipiError('provider.failed', `no provider "${provider}" is attached`)
    const client = connect(address)
    const request = new providerProto.ConfigureRequest()
    request.setAcceptsecrets(true)
    joinConfiguration(request, provider, options.configuration)
    await callProvider(client, 'configure', request, options.patienceMs)
    return client
  }
}
