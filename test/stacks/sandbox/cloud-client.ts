import * as grpc from '@grpc/grpc-js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import { callProvider, connect } from '../../../stacks/guard/relay.ts'
import { fromStruct, toStruct, type Values } from '../../../stacks/wire/values.ts'

export interface CloudClient {
  create(type: string, name: string, inputs: Values): Promise<{ id: string; outputs: Values }>
  check(type: string, name: string, inputs: Values): Promise<{ inputs: Values; failures: string[] }>
  diff(type: string, id: string, old: Values, now: Values): Promise<{ changes: boolean; replaces: string[] }>
  read(type: string, id: string): Promise<{ id: string; inputs: Values; outputs: Values }>
  update(type: string, id: string, old: Values, now: Values): Promise<Values>
  delete(type: string, id: string): Promise<void>
  invoke(token: string, args: Values): Promise<Values>
  cancel(): Promise<void>
  close(): void
}

/** Calls a provider as the engine does, without a program: one configured connection. */
export async function cloudClient(
  address: string,
  configuration: Values = {},
  metadata: Record<string, string> = {},
): Promise<CloudClient> {
  const client = connect(address)
  await configure(client, new proto.ConfigureRequest().setArgs(toStruct(configuration)), metadata)
  const urnOf = (type: string, name: string): string => `urn:pulumi:test::wire::${type}::${name}`
  return {
    async create(type, name, inputs) {
      const request = new proto.CreateRequest().setUrn(urnOf(type, name)).setType(type).setProperties(toStruct(inputs))
      const response = await callProvider<proto.CreateResponse>(client, 'create', request)
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) }
    },
    async check(type, name, inputs) {
      const request = new proto.CheckRequest().setUrn(urnOf(type, name)).setType(type).setNews(toStruct(inputs))
      const response = await callProvider<proto.CheckResponse>(client, 'check', request)
      const failures = response.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`)
      return { inputs: fromStruct(response.getInputs()), failures }
    },
    async diff(type, id, old, now) {
      const request = new proto.DiffRequest().setUrn(urnOf(type, 'x')).setType(type).setId(id)
      request.setOldInputs(toStruct(old)).setNews(toStruct(now))
      const response = await callProvider<proto.DiffResponse>(client, 'diff', request)
      const changes = response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME
      return { changes, replaces: response.getReplacesList() }
    },
    async read(type, id) {
      const request = new proto.ReadRequest().setUrn(urnOf(type, 'x')).setType(type).setId(id)
      const response = await callProvider<proto.ReadResponse>(client, 'read', request)
      const [inputs, outputs] = [fromStruct(response.getInputs()), fromStruct(response.getProperties())]
      return { id: response.getId(), inputs, outputs }
    },
    async update(type, id, old, now) {
      const request = new proto.UpdateRequest().setUrn(urnOf(type, 'x')).setType(type).setId(id)
      request.setOldInputs(toStruct(old)).setNews(toStruct(now))
      const response = await callProvider<proto.UpdateResponse>(client, 'update', request)
      return fromStruct(response.getProperties())
    },
    async delete(type, id) {
      await callProvider(client, 'delete', new proto.DeleteRequest().setUrn(urnOf(type, 'x')).setType(type).setId(id))
    },
    async invoke(token, args) {
      const request = new proto.InvokeRequest().setTok(token).setArgs(toStruct(args))
      return fromStruct((await callProvider<proto.InvokeResponse>(client, 'invoke', request)).getReturn())
    },
    async cancel() {
      await callProvider(client, 'cancel', new proto.GetSchemaRequest())
    },
    close: () => client.close(),
  }
}

/** With metadata, which the relay's own `callProvider` does not carry. */
function configure(client: grpc.Client, request: proto.ConfigureRequest, given: Record<string, string>): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = providerGrpc.ResourceProviderService.configure
  const metadata = new grpc.Metadata()
  for (const [key, value] of Object.entries(given)) metadata.set(key, value)
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error) =>
      error === null ? resolve() : reject(error),
    )
  })
}
