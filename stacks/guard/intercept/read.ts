import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'

/** `import`, `.get` and refresh all come as a Read: only what is ours passes, and what is not costs no call. */
export async function interceptRead(
  guard: Guard,
  passing: Passing<proto.ReadRequest, proto.ReadResponse>,
): Promise<proto.ReadResponse> {
  const { request } = passing
  const [urn, id] = [request.getUrn(), request.getId()]
  guard.verdictOnRead(urn, id)
  const response = await passing.forward(request, guard.patienceMs(urn))
  await guard.options.onRead?.({
    urn,
    id,
    before: { inputs: fromStruct(request.getInputs()), outputs: fromStruct(request.getProperties()) },
    ...(response.getId() === ''
      ? {}
      : { after: { inputs: fromStruct(response.getInputs()), outputs: fromStruct(response.getProperties()) } }),
  })
  return response
}
