import type * as grpc from '@grpc/grpc-js'
import engineProto from '@pulumi/pulumi/proto/engine_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'

/** The engine's side as far as a program talks to it: errors it logs are kept in `errors`. */
export function listenAsEngine(errors: string[]): grpc.UntypedServiceImplementation {
  let root = ''
  const log: grpc.handleUnaryCall<engineProto.LogRequest, emptyProto.Empty> = (call, callback) => {
    if (call.request.getSeverity() === engineProto.LogSeverity.ERROR) errors.push(call.request.getMessage())
    callback(null, new emptyProto.Empty())
  }
  const setRootResource: grpc.handleUnaryCall<
    engineProto.SetRootResourceRequest,
    engineProto.SetRootResourceResponse
  > = (call, callback) => {
    root = call.request.getUrn()
    callback(null, new engineProto.SetRootResourceResponse())
  }
  const getRootResource: grpc.handleUnaryCall<
    engineProto.GetRootResourceRequest,
    engineProto.GetRootResourceResponse
  > = (_call, callback) => {
    const response = new engineProto.GetRootResourceResponse()
    response.setUrn(root)
    callback(null, response)
  }
  return { log, setRootResource, getRootResource }
}
