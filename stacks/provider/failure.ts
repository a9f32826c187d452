import grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import statusProto from '@pulumi/pulumi/proto/status_pb.js'
import anyProto from 'google-protobuf/google/protobuf/any_pb.js'
import { PartialFailure } from '../contract/provider.ts'
import { toStruct, type Values } from '../wire/values.ts'
import { NotConfigured } from './connections.ts'
import { keepSecrets, maskSecrets } from './secrets.ts'

/**
 * What the engine is told when an operation throws: its message, and for a partial failure the id that came to be.
 * Secrets of the inputs stay secret in both.
 */
export function failureOf(error: unknown, inputs: Values): Partial<grpc.StatusObject> {
  const message = maskSecrets(error instanceof Error ? error.message : String(error), inputs)
  if (error instanceof NotConfigured) return { code: grpc.status.FAILED_PRECONDITION, details: message }
  if (!(error instanceof PartialFailure)) return { code: grpc.status.UNKNOWN, details: message }
  const metadata = new grpc.Metadata()
  metadata.add('grpc-status-details-bin', partialFailureDetails(message, error.id, keepSecrets(error.outputs, inputs)))
  return { code: grpc.status.UNKNOWN, details: message, metadata }
}

/** gRPC's rich error: a Status that packs Pulumi's ErrorResourceInitFailed, so that the engine keeps the id in its state. */
function partialFailureDetails(message: string, id: string, outputs: Values): Buffer {
  const failed = new providerProto.ErrorResourceInitFailed()
  failed.setId(id)
  failed.setProperties(toStruct(outputs))
  failed.setReasonsList([message])
  const packed = new anyProto.Any()
  packed.pack(failed.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed')
  const status = new statusProto.Status()
  status.setCode(grpc.status.UNKNOWN)
  status.setMessage(message)
  status.addDetails(packed)
  return Buffer.from(status.serializeBinary())
}
