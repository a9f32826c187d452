import type grpc from '@grpc/grpc-js'
import pluginProto from '@pulumi/pulumi/proto/plugin_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'
import type { Struct } from 'google-protobuf/google/protobuf/struct_pb.js'
import type { TypeScriptProvider } from '../contract/provider.ts'
import { fromStruct, plain, toStruct, type Values } from '../wire/values.ts'
import { changedProperties } from './changes.ts'
import { Connections } from './connections.ts'
import { failureOf } from './failure.ts'
import { keepSecrets, maskSecrets } from './secrets.ts'

/**
 * The ResourceProvider service over a provider of ours. Handshake answers what Configure says as well, because an
 * engine that shook hands does not read Configure's answer. What is not listed here answers UNIMPLEMENTED.
 */
export function handlers(provider: TypeScriptProvider): grpc.UntypedServiceImplementation {
  const connections = new Connections(provider)
  return {
    handshake: unary(async () => {
      const response = new proto.ProviderHandshakeResponse()
      response.setAcceptSecrets(true).setAcceptResources(false).setAcceptOutputs(true)
      return response
    }),
    attach: unary(async () => new emptyProto.Empty()),
    getPluginInfo: unary(async () => new pluginProto.PluginInfo().setVersion(provider.version)),
    getSchema: unary(async () => new proto.GetSchemaResponse().setSchema('{}')),
    getMapping: unary(async () => new proto.GetMappingResponse()),
    getMappings: unary(async () => new proto.GetMappingsResponse()),

    checkConfig: unary(async (request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(async (request: proto.DiffRequest) => {
      const changed = changedProperties(oldInputsOf(request), fromStruct(request.getNews()))
      return diffResponse(changed.length > 0, changed, [], false)
    }),
    configure: unary(async (request: proto.ConfigureRequest, peer, metadata) => {
      const token = metadata.get('pipi-token')[0]?.toString()
      await connections.configure(peer, variablesOf(provider.name, request), token)
      const response = new proto.ConfigureResponse()
      response.setAcceptsecrets(true).setAcceptresources(false).setAcceptoutputs(true).setSupportspreview(true)
      return response
    }),
    cancel: unary(async (_: unknown, peer) => {
      await connections.cancel(peer)
      return new emptyProto.Empty()
    }),

    invoke: unary(async (request: proto.InvokeRequest, peer) => {
      const configured = await connections.of(peer)
      const args = fromStruct(request.getArgs())
      const result = await configured.invoke(request.getTok(), args)
      return new proto.InvokeResponse().setReturn(toStruct(keepSecrets(result, args)))
    }),
    check: unary(async (request: proto.CheckRequest, peer) => {
      const configured = await connections.of(peer)
      const old = fromStruct(request.getOlds())
      const news = fromStruct(request.getNews())
      const result = await configured.check(typeOf(request), news, isEmpty(old) ? undefined : old, request.getUrn())
      const response = new proto.CheckResponse().setInputs(toStruct(keepSecrets(result.inputs, news)))
      for (const failure of result.failures) {
        response.addFailures(
          new proto.CheckFailure().setProperty(failure.property).setReason(maskSecrets(failure.reason, news)),
        )
      }
      return response
    }),
    diff: unary(async (request: proto.DiffRequest, peer) => {
      const configured = await connections.of(peer)
      const old = oldInputsOf(request)
      const news = fromStruct(request.getNews())
      const answer = await configured.diff(typeOf(request), request.getId(), old, news, request.getUrn())
      const ignored = request.getIgnorechangesList()
      const changed = changedProperties(old, news).filter((key) => !ignored.includes(key))
      return diffResponse(answer.changes, changed, answer.replaces, answer.deleteBeforeReplace)
    }),
    create: unary(async (request: proto.CreateRequest, peer) => {
      const preview = request.getPreview()
      const configured = preview ? await connections.of(peer) : await connections.forChange(peer)
      const inputs = fromStruct(request.getProperties())
      const created = await keeping(inputs, () => configured.create(typeOf(request), inputs, request.getUrn(), preview))
      return new proto.CreateResponse().setId(created.id).setProperties(toStruct(keepSecrets(created.outputs, inputs)))
    }),
    read: unary(async (request: proto.ReadRequest, peer) => {
      const configured = await connections.of(peer)
      const inputs = request.hasInputs() ? fromStruct(request.getInputs()) : undefined
      const response = new proto.ReadResponse()
      const state = request.hasProperties() ? fromStruct(request.getProperties()) : undefined
      const found = await configured.read(typeOf(request), request.getId(), request.getUrn(), inputs, state)
      if (found === undefined) return response
      const secretsFrom = inputs ?? found.inputs
      response.setId(found.id).setInputs(toStruct(keepSecrets(found.inputs, secretsFrom)))
      return response.setProperties(toStruct(keepSecrets(found.outputs, secretsFrom)))
    }),
    update: unary(async (request: proto.UpdateRequest, peer) => {
      const preview = request.getPreview()
      const configured = preview ? await connections.of(peer) : await connections.forChange(peer)
      const old = oldInputsOf(request)
      const news = fromStruct(request.getNews())
      const updated = await keeping(news, () =>
        configured.update(typeOf(request), request.getId(), old, news, request.getUrn(), preview),
      )
      return new proto.UpdateResponse().setProperties(toStruct(keepSecrets(updated.outputs, news)))
    }),
    delete: unary(async (request: proto.DeleteRequest, peer) => {
      const configured = await connections.forChange(peer)
      await configured.delete(typeOf(request), request.getId(), fromStruct(request.getProperties()), request.getUrn())
      return new emptyProto.Empty()
    }),
  }
}

/** An error on its way out, with the inputs whose secrets it may repeat. */
class FailureWithInputs {
  readonly cause: unknown
  readonly inputs: Values
  constructor(cause: unknown, inputs: Values) {
    this.cause = cause
    this.inputs = inputs
  }
}

async function keeping<T>(inputs: Values, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new FailureWithInputs(cause, inputs)
  }
}

function unary<Request, Response>(
  run: (request: Request, peer: string, metadata: grpc.Metadata) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    run(call.request, call.getPeer(), call.metadata).then(
      (response) => callback(null, response),
      (error: unknown) => {
        const [cause, inputs] = error instanceof FailureWithInputs ? [error.cause, error.inputs] : [error, {}]
        callback(failureOf(cause, inputs))
      },
    )
  }
}

function variablesOf(name: string, request: proto.ConfigureRequest): Values {
  const prefix = `${name}:config:`
  const variables: Values = {}
  for (const [key, value] of request.getVariablesMap().entries())
    variables[key.startsWith(prefix) ? key.slice(prefix.length) : key] = value
  return { ...variables, ...plain(fromStruct(request.getArgs())) }
}

/** The type as the engine sends it, or as it stands in the URN (`urn:pulumi:stack::project::parent$type::name`). */
function typeOf(request: { getType(): string; getUrn(): string }): string {
  return request.getType() || (request.getUrn().split('::')[2]?.split('$').at(-1) ?? '')
}

/** `olds` are the old outputs, and the old inputs too where an engine does not send them apart. */
function oldInputsOf(request: {
  hasOldInputs(): boolean
  getOldInputs(): Struct | undefined
  getOlds(): Struct | undefined
}): Values {
  return fromStruct(request.hasOldInputs() ? request.getOldInputs() : request.getOlds())
}

function diffResponse(
  changes: boolean,
  changed: string[],
  replaces: string[],
  deleteBeforeReplace: boolean,
): proto.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges
  return new proto.DiffResponse()
    .setChanges(changes || replaces.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changes ? changed : [])
    .setReplacesList(replaces)
    .setDeletebeforereplace(deleteBeforeReplace)
}

function isEmpty(values: Values): boolean {
  return Object.keys(values).length === 0
}
