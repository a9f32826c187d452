import proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'
import { masked } from './masked.ts'

/**
 * The verdict on a replacement comes before anything is done for it: once the engine has deleted the old one it is too
 * late to say that the new one may not be. And the grant says which goes first, not the provider and not the program:
 * side by side both count.
 */
export async function interceptDiff(
  guard: Guard,
  passing: Passing<proto.DiffRequest, proto.DiffResponse>,
): Promise<proto.DiffResponse> {
  const { request } = passing
  const urn = request.getUrn()
  const news = fromStruct(request.getNews())
  const response = await masked(news, () => passing.forward(request, guard.patienceMs(urn)))
  // What the state holds is not there any more: also the same inputs make it anew.
  if (guard.isGone(urn, request.getId()) && response.getReplacesList().length === 0) {
    response.addReplaces('id')
    response.setChanges(proto.DiffResponse.DiffChanges.DIFF_SOME)
  }
  if (response.getReplacesList().length > 0) guard.verdictOnReplace(urn, news)
  return response.setDeletebeforereplace(!guard.sideBySide(urn))
}
