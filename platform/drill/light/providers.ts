import * as grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { callProvider, connect, type Message } from '../../../stacks/guard/relay.ts'
import { joinConfiguration } from '../../../stacks/wire/configuration.ts'
import type { Values } from '../../../stacks/wire/values.ts'

/** Connections to the simulated providers, each with a configuration of its own, as the engine's are; kept for the next. */
export class Providers {
  readonly #addresses: Readonly<Record<string, string>>
  readonly #open = new Map<string, Promise<grpc.Client>>()

  constructor(addresses: Readonly<Record<string, string>>) {
    this.#addresses = addresses
  }

  /** One call of the provider that a type's token names. */
  async call<Response>(provider: string, configuration: Values, method: string, request: Message): Promise<Response> {
    try {
      return await callProvider<Response>(await this.#connection(provider, configuration), method, request)
    } catch (error) {
      // A connection that slept while many others came and went is forgotten over there.
      if ((error as Partial<grpc.ServiceError>).code !== grpc.status.FAILED_PRECONDITION) throw error
      const key = keyOf(provider, configuration)
      void this.#open.get(key)?.then((client) => client.close())
      this.#open.delete(key)
      return callProvider<Response>(await this.#connection(provider, configuration), method, request)
    }
  }

  async close(): Promise<void> {
    for (const open of this.#open.values()) (await open.catch(() => undefined))?.close()
    this.#open.clear()
  }

  #connection(provider: string, configuration: Values): Promise<grpc.Client> {
    const key = keyOf(provider, configuration)
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const made = this.#configured(provider, configuration)
    this.#open.set(key, made)
    return made
  }

  async #configured(provider: string, configuration: Values): Promise<grpc.Client> {
    const address = this.#addresses[provider]
    if (address === undefined) throw new Error(`no simulated cloud answers for the provider "${provider}"`)
    const client = connect(address)
    const request = new providerProto.ConfigureRequest()
    request.setAcceptsecrets(true)
    joinConfiguration(request, provider, configuration)
    await callProvider(client, 'configure', request)
    return client
  }
}

function keyOf(provider: string, configuration: Values): string {
  return JSON.stringify([provider, configuration])
}
