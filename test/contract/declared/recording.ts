import type providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { Providers } from '../../../platform/drill/light/providers.ts'
import type { Message } from '../../../stacks/guard/relay.ts'
import { fromStruct, type Values } from '../../../stacks/wire/values.ts'

/** Connections to providers that remember what each resource was checked with: its inputs as the guard lets them through. */
export class Recording extends Providers {
  readonly asked = new Map<string, Values>()

  override call<Response>(
    provider: string,
    configuration: Values,
    method: string,
    request: Message,
  ): Promise<Response> {
    if (method === 'check') {
      const check = request as unknown as providerProto.CheckRequest
      this.asked.set(check.getUrn(), fromStruct(check.getNews()))
    }
    return super.call(provider, configuration, method, request)
  }
}
