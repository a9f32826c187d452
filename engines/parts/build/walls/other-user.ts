import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { PipiError } from '../../../../catalog/errors.ts'
import type { BuildUser } from './build-user.ts'
import { type HardLimits, limited, type Rooms, type Walls } from './walls.ts'

/**
 * Where the kernel gives us no namespaces but we are root: a build runs as a user who owns its rooms and nothing else.
 * @param data the folder that holds what is ours; folders between it and the rooms may be passed through, not read
 */
export async function otherUser(rooms: Rooms, user: BuildUser, limits: HardLimits, data: string): Promise<Walls> {
  for (let folder = rooms.work; folder.startsWith(data + sep); folder = dirname(folder)) await chmod(folder, 0o711)
  for (const room of [rooms.source, rooms.home, rooms.temporary]) await chmod(room, 0o700)
  const as = { uid: user.uid, gid: user.gid }
  await promisify(execFile)('/bin/sh', ['-c', 'cd "$0"', rooms.source], { ...as, cwd: '/' }).catch((cause: unknown) => {
    throw new PipiError('build.failed', `The user that builds run as cannot reach ${join(data)}`, {
      hint: 'Give the platform a data folder whose parents everybody may pass through, e.g. /var/lib/pipi.',
      cause,
    })
  })
  return {
    kind: 'user',
    inside: (path) => path,
    async enter({ file, args, folder, environment }) {
      const [program, ...options] = [...limited(limits, true), file, ...args] as [string, ...string[]]
      return { file: program, args: options, cwd: folder, env: environment, ...as }
    },
  }
}
