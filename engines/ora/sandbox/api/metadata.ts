import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { INSTANCE, metadataOf } from '../instance.ts'
import { INSTANCE_HEADER } from '../machine-calls.ts'

const PATH = '/opc/v2/instance/metadata/'

/** The metadata service, version 2: all of it, or one key. */
export async function metadata({ headers, path }: ApiCall, world: World): Promise<ApiReply> {
  if (headers.authorization !== 'Bearer Oracle') return { status: 403, body: { message: 'Forbidden' } }
  const machine = (await world.list(INSTANCE)).find(({ id }) => id === headers[INSTANCE_HEADER])
  if (machine === undefined || !path.startsWith(PATH)) return { status: 404, body: { message: 'Not Found' } }
  const all = metadataOf(machine.inputs)
  const key = path.slice(PATH.length)
  if (key === '') return { status: 200, body: all }
  return key in all ? { status: 200, body: Buffer.from(String(all[key])) } : { status: 404, body: {} }
}
