import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import statusProto from '@pulumi/pulumi/proto/status_pb.js'

/** A create that failed after the fact says so in the status details: the resource exists under this id. */
export function initFailedId(error: unknown): { id?: string } {
  const bytes = detailsOf(error)
  if (bytes === undefined) return {}
  for (const detail of statusProto.Status.deserializeBinary(bytes).getDetailsList()) {
    if (!detail.getTypeUrl().endsWith('pulumirpc.ErrorResourceInitFailed')) continue
    const failed = providerProto.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8())
    return { id: failed.getId() }
  }
  return {}
}

function detailsOf(error: unknown): Uint8Array | undefined {
  const metadata = typeof error === 'object' && error !== null && 'metadata' in error ? error.metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('get' in metadata)) return undefined
  const get = metadata.get
  if (typeof get !== 'function') return undefined
  const values: unknown = get.call(metadata, 'grpc-status-details-bin')
  const first: unknown = Array.isArray(values) ? values[0] : undefined
  return first instanceof Uint8Array ? first : undefined
}
