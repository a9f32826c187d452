import { Readable } from 'node:stream'
import { PipiError } from '../../../../catalog/errors.ts'
import { type Started, startedSchema } from '../far/order.ts'
import { placeOf } from '../place-of.ts'
import { type Program, supervisorProgram } from '../program.ts'
import type { RemoteHost } from '../schema.ts'
import type { Ssh } from '../ssh/ssh.ts'
import { bringNode, bringProgram, OWN_NODE, programName } from './bring.ts'
import { probe } from './probe.ts'

export interface Raised extends Started {
  /** Where everything of ours lies there. */
  folder: string
}

const FAR = 'engines/pip/hosts/far/main.ts'
/** What ran before this program is of no use once it runs. */
const START = `
set -e
"$1" --disable-warning=ExperimentalWarning "$2" start
for one in "$3"/*; do [ "$one" = "$3/$4" ] || rm -rf "$one"; done`
const SUPERVISOR = 'engines/pip/supervisor/main.ts'

/** Sees to it that a supervisor of this program runs on a machine: brings what is missing, starts it, or finds it running. */
export async function raiseSupervisor(ssh: Ssh, host: RemoteHost, program?: Program): Promise<Raised> {
  const ours = program ?? (await supervisorProgram())
  const found = await probe(ssh, { folder: host.folder, node: OWN_NODE, program: programName(ours) })
  const node = await bringNode(ssh, found)
  const place = await bringProgram(ssh, found, ours)
  const order = { folder: `${found.folder}/host`, main: `${place}/${SUPERVISOR}`, place: placeOf(host) }
  const said = await ssh.run(START, [node, `${place}/${FAR}`, `${found.folder}/programs`, programName(ours)], {
    input: Readable.from([JSON.stringify(order)]),
  })
  const started = startedSchema.safeParse(jsonOf(said))
  if (started.success) return { ...started.data, folder: found.folder }
  throw new PipiError('provider.failed', `it answered "${said.slice(0, 200)}", where a running supervisor was expected`)
}

const END = `
for one in "$2"/programs/*; do
  far=$one/${FAR}
  if [ -e "$far" ]; then exec "$1" --disable-warning=ExperimentalWarning "$far" end "$2/host"; fi
done`

/** Ends the supervisor of a machine with all that it runs; what it keeps stays, and runs again with the next. */
export async function endSupervisor(ssh: Ssh, host: RemoteHost): Promise<void> {
  const found = await probe(ssh, { folder: host.folder, node: OWN_NODE, program: '' })
  if (found.node !== undefined) await ssh.run(END, [found.node.path, found.folder])
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}
