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
    { urn, type: typeOfUrn(urn), operation: 'delete', id, deadlineMs: deadlineOf(guard, urn) },
    () => passing.forward(request, guard.changeMs(urn)),
    () => id,
  )
}

/** What a former version of the rules allowed to exist can always be given up. */
function deadlineOf(guard: Guard, urn: string): number {
  return guard.options.rules[typeOfUrn(urn)]?.deadlineMs ?? 600_000
}
