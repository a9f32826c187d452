import { PipiError } from '../../../../catalog/errors.ts'
import type { Ssh } from '../ssh/ssh.ts'

/** What a machine says of itself. */
export interface Probe {
  /** Where everything of ours lies there. */
  folder: string
  system: string
  /** As `uname -m` names it. */
  machine: string
  /** The newest Node that is there already and good enough. */
  node?: { path: string; version: string }
  /** Whether this very program is there. */
  hasProgram: boolean
  systemd: boolean
  /** A PostgreSQL that is there, by its path; databases need one. */
  postgres?: string
}

/** The oldest that runs our program. */
export const NODE_MAJOR = 24
const TOOLS = 'tar gzip mkdir mv rm chmod date sleep cat'

const SCRIPT = `
for tool in ${TOOLS}; do command -v "$tool" >/dev/null || { echo "it has no $tool" >&2; exit 1; }; done
folder=\${1:-$HOME/.pipi-engines}
echo "folder $folder"
echo "system $(uname -s)"
echo "machine $(uname -m)"
for node in "$folder/node/$2/node" node /usr/local/bin/node /usr/bin/node; do
  found=$(command -v "$node") && echo "node $("$found" --version) $found"
done
[ -d "$folder/programs/$3" ] && echo "program $3"
[ -d /run/systemd/system ] && echo "systemd yes"
for one in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/bin/postgres /usr/local/bin/postgres; do
  [ -x "$one" ] && echo "postgres $one"
done
exit 0`

/** Asks a machine what it is and has, in one connection; changes nothing there. */
export async function probe(
  ssh: Ssh,
  order: { folder: string | undefined; node: string; program: string },
): Promise<Probe> {
  const said = await ssh.run(SCRIPT, [order.folder ?? '', order.node, order.program])
  const lines = said.split('\n').map((line) => line.split(' '))
  const word = (name: string) =>
    lines
      .find(([first]) => first === name)
      ?.slice(1)
      .join(' ')
  const folder = word('folder')
  if (folder === undefined || !folder.startsWith('/')) {
    throw new PipiError('provider.failed', `it answered "${said.slice(0, 200)}", where its folder was expected`, {
      hint: 'Does the shell of the user there print something by itself, or refuse commands?',
    })
  }
  const node = lines
    .filter(([first]) => first === 'node')
    .map(([, version = '', ...path]) => ({ version, path: path.join(' ') }))
    .find(({ version }) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0) >= NODE_MAJOR)
  const postgres = word('postgres')
  return {
    folder,
    system: word('system') ?? '',
    machine: word('machine') ?? '',
    ...(node === undefined ? {} : { node }),
    hasProgram: word('program') === order.program,
    systemd: word('systemd') === 'yes',
    ...(postgres === undefined ? {} : { postgres }),
  }
}
