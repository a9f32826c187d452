import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { typeOfUrn } from '../../wire/urn.ts'
import type { Guard } from '../guard.ts'
import type { Message, Passing } from '../relay.ts'
import { withIntent } from './with-intent.ts'

export async function interceptDelete(guard: Guard, passing: Passing<proto.DeleteRequest, Message>): Promise<Message> {
  const { request } = passing
  const urn = request.getUrn()
  const id = request.getId()
  guard.verdictOnDelete(urn, id)
  return withIntent(
    guard,
    { urn, type: typeOfUrn(urn), operation: 'delete', id, deadlineMs: guard.rule(urn).deadlineMs },
    () => passing.forward(request),
    () => id,
  )
}
