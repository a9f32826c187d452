import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'

/** `import`, `.get` and refresh all come as a Read: only what is ours passes, and what is not costs no call. */
export async function interceptRead(
  guard: Guard,
  passing: Passing<proto.ReadRequest, proto.ReadResponse>,
): Promise<proto.ReadResponse> {
  const { request } = passing
  guard.verdictOnRead(request.getUrn(), request.getId())
  return passing.forward(request, guard.patienceMs(request.getUrn()))
}
