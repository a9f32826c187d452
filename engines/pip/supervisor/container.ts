import { join } from 'node:path'
import { buildUser, giveTo } from '../../parts/build/walls/build-user.ts'
import { enterImage } from '../../parts/container/enter.mjs'
import { mountPoints } from '../../parts/container/mount-point.ts'
import type { Place } from './command.ts'
import type { Root } from './roots.ts'
import { WITH_US } from './walls.ts'

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

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
  await mountPoints(root.path, temporary, seen)
  const { command, environment: own, ...who } = root.start
  const user = await buildUser(`host/${workspace}`)
  const way = enterImage({
    ...{ folder, image: root.path, who, owner: user?.uid },
    ...{ environment: { ...own, ...environment }, seen },
  })
  if (user !== undefined) await giveTo(user, join(folder, 'upper'), temporary, ...seen)
  return { args: ['/bin/sh', '-c', WITH_US, 'pipi', ...way, ...command], environment: { PATH } }
}
