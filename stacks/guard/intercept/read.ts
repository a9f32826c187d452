import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'

/** `import`, `.get` and refresh all come as a Read: only what is ours passes, and what is not costs no call. */
export async function interceptRead(
  guard: Guard,
  passing: Passing<proto.ReadRequest, proto.ReadResponse>,
): Promise<proto.ReadResponse> {
  guard.verdictOnRead(passing.request.getUrn(), passing.request.getId())
  return passing.forward(passing.request)
}
