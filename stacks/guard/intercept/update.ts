import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { typeOfUrn } from '../../wire/urn.ts'
import { fromStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'
import { masked } from './masked.ts'
import { withIntent } from './with-intent.ts'

export async function interceptUpdate(
  guard: Guard,
  passing: Passing<proto.UpdateRequest, proto.UpdateResponse>,
): Promise<proto.UpdateResponse> {
  const { request } = passing
  if (request.getPreview()) return passing.forward(request)
  const urn = request.getUrn()
  const id = request.getId()
  const inputs = fromStruct(request.getNews())
  guard.verdictOnWrite(urn, 'update', inputs)
  return withIntent(
    guard,
    { urn, type: typeOfUrn(urn), operation: 'update', id, deadlineMs: guard.rule(urn).deadlineMs },
    () => masked(inputs, () => passing.forward(request, guard.changeMs(urn))),
    () => id,
  )
}
