import { randomUUID } from 'node:crypto'
import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct, toStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import { preparedInputs } from '../prepared-inputs.ts'
import type { Passing } from '../relay.ts'
import { masked } from './masked.ts'

/** Inputs on their way to the provider's Check are made safe, and tagged. */
export async function interceptCheck(
  guard: Guard,
  passing: Passing<proto.CheckRequest, proto.CheckResponse>,
): Promise<proto.CheckResponse> {
  const { request } = passing
  const urn = request.getUrn()
  const { grant } = guard.options
  const news = preparedInputs(fromStruct(request.getNews()), {
    rule: guard.rule(urn),
    olds: request.hasOlds() ? fromStruct(request.getOlds()) : undefined,
    workspace: grant.workspace,
    urn,
    intent: () => guard.creates.intentFor(urn, randomUUID),
    suspended: grant.suspended === true,
  })
  request.setNews(toStruct(news))
  return masked(news, () => passing.forward(request, guard.patienceMs(urn)))
}
