import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { PipiError } from '../../catalog/errors.ts'
import type { PlatformReader } from '../contract/find.ts'
import { openConnections } from '../guard/own-connections.ts'
import { callProvider } from '../guard/relay.ts'
import { nameOfUrn } from '../wire/urn.ts'
import { fromStruct, plain, toStruct, type Values } from '../wire/values.ts'

export interface ReaderOptions {
  /** gRPC address by provider name. */
  upstreams: Readonly<Record<string, string>>
  configuration: Values
  /** Base URL of the platform's HTTP API, and the header that lets us in. */
  api?: { url: string; headers: Record<string, string> }
  /** For the URN that a Read must carry. */
  stack: { project: string; stack: string }
  /** How long one question may take, milliseconds; a delete may take ten times as long. A minute when absent. */
  patienceMs?: number
}

export interface OpenPlatformReader extends PlatformReader {
  /** Deletes what a crash left and no state knows; `id` was found by the type's look-up key. */
  remove(urn: string, type: string, id: string): Promise<void>
  close(): void
}

/** Asks a platform what exists there, over connections of its own. Close it afterwards. */
export function openPlatformReader(options: ReaderOptions): OpenPlatformReader {
  const patienceMs = options.patienceMs ?? 60_000
  const connections = openConnections({ ...options, patienceMs })
  return {
    async read(type, id, inputs) {
      const request = new providerProto.ReadRequest()
      request.setId(id)
      request.setType(type)
      request.setName('lookup')
      request.setUrn(`urn:pulumi:${options.stack.stack}::${options.stack.project}::${type}::lookup`)
      if (inputs !== undefined) request.setInputs(toStruct(inputs))
      const response = await callProvider<providerProto.ReadResponse>(
        await connections.of(type),
        'read',
        request,
        patienceMs,
      )
      return response.getId() === ''
        ? undefined
        : { id: response.getId(), properties: plain(fromStruct(response.getProperties())) }
    },
    async remove(urn, type, id) {
      const found = await this.read(type, id)
      if (found === undefined) return
      const request = new providerProto.DeleteRequest()
      request.setUrn(urn)
      request.setType(type)
      request.setName(nameOfUrn(urn))
      request.setId(id)
      request.setProperties(toStruct(found.properties))
      await callProvider(await connections.of(type), 'delete', request, patienceMs * 10)
    },
    async invoke(token, args) {
      const request = new providerProto.InvokeRequest()
      request.setTok(token)
      request.setArgs(toStruct(args))
      const response = await callProvider<providerProto.InvokeResponse>(
        await connections.of(token),
        'invoke',
        request,
        patienceMs,
      )
      const failure = response.getFailuresList()[0]
      if (failure !== undefined) throw new PipiError('provider.failed', `${token}: ${failure.getReason()}`)
      return plain(fromStruct(response.getReturn()))
    },
    async get(path) {
      if (options.api === undefined)
        throw new PipiError('provider.failed', `no HTTP API of the platform is known to look up ${path}`)
      const response = await fetch(new URL(path.replace(/^\//, ''), withSlash(options.api.url)), {
        headers: options.api.headers,
        signal: AbortSignal.timeout(20_000),
      })
      if (response.status === 404) return undefined
      if (!response.ok) throw new PipiError('provider.failed', `${path} answered ${response.status}`)
      return response.json()
    },
    close: () => connections.close(),
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
