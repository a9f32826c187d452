import { randomUUID } from 'node:crypto'
import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { typeOfUrn } from '../../wire/urn.ts'
import { fromStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'
import { masked } from './masked.ts'
import { withIntent } from './with-intent.ts'

/** Verdict, intent, create, outcome: in this order, so that at every instant the truth knows what may exist. */
export async function interceptCreate(
  guard: Guard,
  passing: Passing<proto.CreateRequest, proto.CreateResponse>,
): Promise<proto.CreateResponse> {
  const { request } = passing
  if (request.getPreview()) return passing.forward(request)
  const urn = request.getUrn()
  const inputs = fromStruct(request.getProperties())
  guard.verdictOnWrite(urn, 'create', inputs)
  const rule = guard.rule(urn)
  const intent = guard.creates.takeIntent(urn, randomUUID)
  const lookup = guard.creates.lookupOf(urn, inputs)
  return withIntent(
    guard,
    {
      urn,
      type: typeOfUrn(urn),
      operation: 'create',
      lookup,
      deadlineMs: rule.deadlineMs,
      intent,
    },
    () => masked(inputs, () => passing.forward(request, guard.changeMs(urn))),
    (response) => response.getId(),
    () => guard.creates.mayExist(urn, lookup),
  )
}
