import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { FUNCTION } from '../functions.ts'
import { fault, isIn, sliceOf } from './json-call.ts'

/** Lambda's REST API: the list, which shows neither tags nor what is reserved, and one function, which does. */
export async function lambda(call: ApiCall, world: World): Promise<ApiReply> {
  const name = /^\/2015-03-31\/functions\/([^/]*)$/.exec(call.path)?.[1]
  if (call.method !== 'GET' || name === undefined) return fault(404, 'ResourceNotFoundException', `no ${call.path}`)
  const all = (await world.list(FUNCTION)).filter((one) => isIn(world.region, one))
  if (name === '') {
    const { slice, next } = sliceOf(all, call.query.Marker, Math.min(50, Number(call.query.MaxItems ?? 50)))
    return {
      status: 200,
      body: { Functions: slice.map(configuration), ...(next === undefined ? {} : { NextMarker: next }) },
    }
  }
  const found = all.find((one) => one.id === decodeURIComponent(name))
  if (found === undefined) return fault(404, 'ResourceNotFoundException', `Function not found: ${name}`)
  const reserved = Number(found.inputs.reservedConcurrentExecutions ?? -1)
  return {
    status: 200,
    body: {
      Configuration: configuration(found),
      Tags: found.inputs.tags ?? {},
      ...(reserved < 0 ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    },
  }
}

function configuration({ id, inputs, outputs }: StoredResource): Json {
  return {
    FunctionName: id,
    FunctionArn: outputs.arn,
    Runtime: inputs.runtime,
    Role: inputs.role,
    Handler: inputs.handler,
    CodeSize: outputs.sourceCodeSize,
    Timeout: inputs.timeout,
    MemorySize: inputs.memorySize,
    PackageType: inputs.packageType,
    Architectures: inputs.architectures ?? ['x86_64'],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
  }
}
