import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'

/**
 * The verdict on a replacement comes before its delete: once the engine has deleted the old one it is too late to say
 * that the new one may not be. And what holds users' data is not replaced unless the request names it.
 */
export async function interceptDiff(
  guard: Guard,
  passing: Passing<proto.DiffRequest, proto.DiffResponse>,
): Promise<proto.DiffResponse> {
  const urn = passing.request.getUrn()
  const response = await passing.forward(passing.request)
  if (response.getReplacesList().length > 0 && !guard.options.readOnly) {
    guard.verdictOnReplace(urn, fromStruct(passing.request.getNews()))
  }
  return response
}
