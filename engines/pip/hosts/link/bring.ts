import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { PipiError } from '../../../../catalog/errors.ts'
import type { Program } from '../program.ts'
import type { Ssh } from '../ssh/ssh.ts'
import { NODE_MAJOR, type Probe } from './probe.ts'

/** The platform's own Node, as it is named on a host. */
export const OWN_NODE = `${process.version}-${process.platform}-${process.arch}`
const MACHINES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' }

/** Into a folder beside it first, so that what has its name is whole. */
const UNPACK = `
set -e
umask 077
target=$1/$2
mkdir -p "$1"
new=$target.new.$$
trap 'rm -rf "$new"' EXIT
rm -rf "$new"
mkdir "$new"
tar -xzf - -C "$new"
if [ -n "$3" ]; then rm -rf "$target"; fi
[ -e "$target" ] || mv "$new" "$target"`

const UNPACK_NODE = `
set -e
umask 077
target=$1/node/$2
new=$target.new.$$
trap 'rm -rf "$new"' EXIT
mkdir -p "$new"
gzip -dc >"$new/node"
chmod 755 "$new/node"
[ "$("$new/node" --version)" = "$3" ]
rm -rf "$target"
mv "$new" "$target"`

/** Brings a Node that runs our program, where the machine has none. Gives its path there. */
export async function bringNode(ssh: Ssh, found: Probe): Promise<string> {
  if (found.node !== undefined) return found.node.path
  const why = cannotBringNode(found)
  if (why !== undefined) throw noNode(why)
  const input = Readable.from(createReadStream(process.execPath).pipe(createGzip({ level: 1 })))
  await ssh.run(UNPACK_NODE, [found.folder, OWN_NODE, process.version], { input }).catch((error: PipiError) => {
    if (error.code !== 'provider.failed') throw error
    throw noNode(`the platform's Node ${process.version} does not run there (${error.message})`, error)
  })
  return `${found.folder}/node/${OWN_NODE}/node`
}

/** Why the platform's own Node is nothing for a machine, or undefined: it may be. */
export function cannotBringNode({ system, machine }: Probe): string | undefined {
  const ours = `${process.platform} on ${MACHINES[process.arch] ?? process.arch}`
  if (process.platform !== 'linux' || system !== 'Linux')
    return `it is ${system} on ${machine}, the platform's Node is for ${ours}`
  return machine === MACHINES[process.arch] ? undefined : `it is ${machine}, the platform's Node is for ${ours}`
}

/** Brings our program, once. Gives its folder there. */
export async function bringProgram(ssh: Ssh, found: Probe, program: Program): Promise<string> {
  const name = programName(program)
  if (!found.hasProgram)
    await ssh.run(UNPACK, [`${found.folder}/programs`, name, ''], { input: Readable.from(program.pack()) })
  return `${found.folder}/programs/${name}`
}

export function programName({ digest }: Program): string {
  return digest.slice(0, 16)
}

/** Copies an artifact's files beside what runs, whole or not at all. Gives its folder there. */
export async function bringArtifact(
  ssh: Ssh,
  place: { folder: string; process: string; digest: string },
  pack: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<string> {
  const folder = `${place.folder}/incoming/${place.process}`
  const name = place.digest.slice(0, 16)
  await ssh.run(UNPACK, [folder, name, 'anew'], {
    input: Readable.from(pack),
    ...(signal === undefined ? {} : { signal }),
  })
  return `${folder}/${name}`
}

/** What the supervisor has copied for itself is not needed any more. */
export async function clearIncoming(ssh: Ssh, folder: string, process: string): Promise<void> {
  await ssh.run('rm -rf "$1/incoming/$2"', [folder, basename(process)])
}

function noNode(why: string, cause?: unknown): PipiError {
  return new PipiError(
    'toolchain.missing',
    `no Node ${NODE_MAJOR} or newer is there, and none can be brought: ${why}`,
    {
      hint: `Install Node ${NODE_MAJOR} on that machine, so that "node" is found by the user there.`,
      ...(cause === undefined ? {} : { cause }),
    },
  )
}
