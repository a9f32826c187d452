import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { RUN } from './clear-runs.mjs'
import { enterImage } from './enter.mjs'

/**
 * What starts an unpacked image: namespaces of the kernel's, of users too, since the agent has no rights; the image as the
 * root; and whoever the agent is as the image's own user. `environment` is set last, when all rights are gone. What it
 * writes goes into `folder`, and with it.
 */
export function containerCommand({ command, at, uid, gid }, release, { home, environment }) {
  const folder = join(home, `${RUN}${randomBytes(6).toString('hex')}`)
  const [unshare, ...way] = enterImage({ folder, image: join(release, 'root'), who: { at, uid, gid }, environment })
  return {
    command: unshare,
    args: [...way, ...command],
    cwd: folder,
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    folder,
  }
}
