import type * as grpc from '@grpc/grpc-js'
import * as pulumi from '@pulumi/pulumi'
import callbackGrpc from '@pulumi/pulumi/proto/callback_grpc_pb.js'
import callbackProto from '@pulumi/pulumi/proto/callback_pb.js'
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js'
import { urnOf } from '../wire/urn.ts'
import { serveLocal } from './grpc-server.ts'

export interface StackName {
  project: string
  stack: string
}

/**
 * The one stack transform of every run, spoken in protobuf: properties pass as they came, so that secrets stay secret
 * (a transform through the SDK loses their marks). It never throws; it strips what would walk around the guard, and
 * sets the id to adopt after a crash.
 */
export async function serveTransform(
  stack: StackName,
  importIds: ReadonlyMap<string, string>,
): Promise<{ register(): Promise<void>; close(): void }> {
  const invoke: grpc.handleUnaryCall<callbackProto.CallbackInvokeRequest, callbackProto.CallbackInvokeResponse> = (
    call,
    callback,
  ) => {
    const request = resourceProto.TransformRequest.deserializeBinary(call.request.getRequest_asU8())
    const response = new callbackProto.CallbackInvokeResponse()
    response.setResponse(transform(request, stack, importIds).serializeBinary())
    callback(null, response)
  }
  const server = await serveLocal([
    { definition: callbackGrpc.CallbacksService as unknown as grpc.ServiceDefinition, handlers: { invoke } },
  ])
  return {
    register: () => registerAt(server.address),
    close: server.close,
  }
}

/** Exported for its test: a pure function of one registration. */
export function transform(
  request: resourceProto.TransformRequest,
  stack: StackName,
  importIds: ReadonlyMap<string, string>,
): resourceProto.TransformResponse {
  const options = request.getOptions() ?? new resourceProto.TransformResourceOptions()
  if (request.getCustom()) {
    // The engine would forget the resource and leave it running, or never ask for its delete.
    options.clearRetainOnDelete()
    options.setDeletedWith('')
    // Another plugin than the one behind the relay.
    options.setVersion('')
    options.setPluginDownloadUrl('')
    // Which goes first the grant says, at the provider's Diff (guard/intercept/diff.ts).
    options.clearDeleteBeforeReplace()
    // Replacements that no Diff has seen, so that nobody could give a verdict on them.
    options.clearReplaceOnChangesList()
    options.clearReplaceWithList()
    options.clearReplacementTrigger()
    // Past our deadlines "absent" would be a guess; and hooks in the state make a plain destroy fail.
    options.clearCustomTimeouts()
    options.clearHooks()
    const adopt = importIds.get(urnOf(stack, request.getParent(), request.getType(), request.getName()))
    if (adopt !== undefined) options.setImport(adopt)
  }
  const response = new resourceProto.TransformResponse()
  response.setProperties(request.getProperties())
  response.setOptions(options)
  return response
}

const TOKEN = 'pipi-one-transform'

/** Called inside the program, before anything is registered. */
function registerAt(address: string): Promise<void> {
  const callback = new callbackProto.Callback()
  callback.setTarget(address)
  callback.setToken(TOKEN)
  const monitor = pulumi.runtime.getMonitor() as unknown as
    | { registerStackTransform(request: callbackProto.Callback, done: (error: Error | null) => void): void }
    | undefined
  if (monitor === undefined) throw new Error('no resource monitor: the transform belongs inside a running program')
  return new Promise((resolve, reject) => {
    monitor.registerStackTransform(callback, (error) =>
      error === null || error === undefined ? resolve() : reject(error),
    )
  })
}
