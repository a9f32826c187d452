import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildUser, giveTo } from '../../parts/build/walls/build-user.ts'
import { mountPoint } from '../../parts/container/mount-point.ts'
import type { ContainerStart } from '../../parts/container/start-of.ts'
import type { Place } from './command.ts'
import type { Root } from './roots.ts'
import { exported, WITH_US } from './walls.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'parts', 'container', 'enter.sh')
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** What is written in the image goes here, and with the run. */
const LAYERS = ['upper', 'work']

/**
 * How an image's program is run: behind walls of the kernel's, with the image as its root, and as a user of its workspace's
 * own.
 * @param environment over what the image sets itself
 */
export async function containerCommand(
  { folder, temporary, stores, root }: Pick<Place, 'folder' | 'temporary' | 'stores'> & { root: Omit<Root, 'leave'> },
  workspace: string,
  environment: Record<string, string>,
): Promise<{ args: string[]; environment: Record<string, string> }> {
  const seen = stores.map(({ path }) => path)
  for (const path of seen) {
    // What is mounted over /tmp would hide a place below it.
    if (path.startsWith('/tmp/')) await mountPoint(temporary, path.slice('/tmp'.length))
    else await mountPoint(root.path, path)
  }
  const { command, environment: own, ...who } = root.start
  await entered({ folder, temporary, layers: LAYERS, environment: { ...own, ...environment }, seen })
  const user = await buildUser(`host/${workspace}`)
  if (user !== undefined) await giveTo(user, join(folder, 'upper'), temporary, ...seen)
  const way = entry({ folder, image: root.path, who, owner: user?.uid })
  return { args: ['/bin/sh', '-c', WITH_US, 'pipi', ...way, ...command], environment: { PATH } }
}

/** Makes a run's own folder what enter.sh takes. */
export async function entered(order: {
  folder: string
  temporary: string
  layers: readonly string[]
  /** Set only once all rights but those to get in are gone: a variable can make a program load anything. */
  environment: Record<string, string>
  seen: readonly string[]
}): Promise<void> {
  const { folder, temporary, layers, environment, seen } = order
  for (const each of ['stage', ...layers]) await mkdir(join(folder, each), { recursive: true, mode: 0o755 })
  await mkdir(temporary, { recursive: true })
  await writeFile(join(folder, 'environment'), exported(environment), { mode: 0o600 })
  await writeFile(join(folder, 'places'), seen.map((path) => `${path}\n`).join(''))
}

/** The way in, before the command. `owner`: as root, who it is outside. */
export function entry(order: {
  folder: string
  image: string
  who: Pick<ContainerStart, 'at' | 'uid' | 'gid'>
  owner: number | undefined
}): string[] {
  const { folder, image, who, owner } = order
  const rights = owner === undefined ? ['--user', '--map-current-user', '--keep-caps'] : []
  const apart = [...rights, '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation=private', '--']
  // Neither an image nor a variable can name the place where its files are while it is entered.
  const name = `image-${randomBytes(16).toString('hex')}`
  const inside = [who.at, String(who.uid), String(who.gid), owner === undefined ? '' : String(owner)]
  return ['unshare', ...apart, '/bin/sh', SCRIPT, folder, image, name, ...inside]
}
