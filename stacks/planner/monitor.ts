import * as grpc from '@grpc/grpc-js'
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'
import { urnOf } from '../wire/urn.ts'
import { fromStruct, toStruct } from '../wire/values.ts'
import type { PlanTarget } from './plan-program.ts'
import type { PlannedResource } from './planned.ts'

type Handler<Request, Response> = grpc.handleUnaryCall<Request, Response>

/** A resource monitor that creates nothing: it writes each registration down, as the engine would name it. */
export function listenAsMonitor(target: PlanTarget, planned: PlannedResource[]): grpc.UntypedServiceImplementation {
  const getDeploymentInfo: Handler<emptyProto.Empty, resourceProto.DeploymentInfo> = (_call, callback) => {
    const info = new resourceProto.DeploymentInfo()
    const { ResourceMonitorFeature: feature } = resourceProto
    info.setSupportedfeaturesList([
      feature.RESOURCE_MONITOR_FEATURE_SECRETS,
      feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
      feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
      feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
      feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
      feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    ])
    callback(null, info)
  }

  const registerResource: Handler<resourceProto.RegisterResourceRequest, resourceProto.RegisterResourceResponse> = (
    call,
    callback,
  ) => {
    const { request } = call
    const urn = urnOf(target, request.getParent(), request.getType(), request.getName())
    const inputs = fromStruct(request.getObject())
    planned.push({ urn, type: request.getType(), name: request.getName(), custom: request.getCustom(), inputs })
    const known = target.known?.get(urn)
    const response = new resourceProto.RegisterResourceResponse()
    response.setUrn(urn)
    response.setId(known?.id ?? '')
    response.setObject(toStruct({ ...known?.outputs, ...inputs }))
    callback(null, response)
  }

  const readResource: Handler<resourceProto.ReadResourceRequest, resourceProto.ReadResourceResponse> = (
    call,
    callback,
  ) => {
    callback(
      refused(
        `the program reads ${call.request.getType()} "${call.request.getId()}", which is not in this workspace's stack`,
      ),
    )
  }

  const invoke: Handler<resourceProto.ResourceInvokeRequest, emptyProto.Empty> = (call, callback) => {
    callback(
      refused(
        `the program asks ${call.request.getTok()}, which has no answer before anything exists; take the value as an input instead`,
      ),
    )
  }

  const done = (_call: unknown, callback: grpc.sendUnaryData<emptyProto.Empty>) =>
    callback(null, new emptyProto.Empty())

  return {
    getDeploymentInfo,
    supportsFeature: ((_call, callback) => {
      const response = new resourceProto.SupportsFeatureResponse()
      response.setHassupport(true)
      callback(null, response)
    }) satisfies Handler<resourceProto.SupportsFeatureRequest, resourceProto.SupportsFeatureResponse>,
    registerResource,
    registerResourceOutputs: done,
    registerStackTransform: done,
    registerStackInvokeTransform: done,
    registerResourceHook: done,
    registerErrorHook: done,
    signalAndWaitForShutdown: done,
    registerPackage: ((call, callback) => {
      const response = new resourceProto.RegisterPackageResponse()
      response.setRef(call.request.getName())
      callback(null, response)
    }) satisfies Handler<resourceProto.RegisterPackageRequest, resourceProto.RegisterPackageResponse>,
    readResource,
    existsResource: (_call: unknown, callback: grpc.sendUnaryData<emptyProto.Empty>) =>
      callback(refused('a plan cannot look resources up')),
    invoke,
    call: invoke,
  }
}

function refused(details: string): grpc.ServiceError {
  const metadata = new grpc.Metadata()
  return Object.assign(new Error(details), { code: grpc.status.FAILED_PRECONDITION, details, metadata })
}
