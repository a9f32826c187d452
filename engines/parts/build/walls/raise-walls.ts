import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buildUser, giveTo } from './build-user.ts'
import { namespaces } from './namespaces.ts'
import { otherUser } from './other-user.ts'
import { placesOf } from './places.ts'
import { type HardLimits, limited, type Rooms, type Walls } from './walls.ts'

export interface WallsOrder {
  rooms: Rooms
  /** Whose build it is: as root, builds of different accounts run as different users. */
  account: string
  limits: HardLimits
  /** What must be seen beside the system's own programs. */
  tools: readonly string[]
  /** The store of artifacts; what is ours lies in the folder that holds it. */
  artifacts: string
}

/** The highest walls that this machine lets us raise around a build. */
export async function raiseWalls(order: WallsOrder): Promise<Walls> {
  const { rooms, limits } = order
  const data = dirname(order.artifacts)
  const user = await buildUser(order.account)
  if (user !== undefined) {
    await giveTo(user, rooms.source, rooms.home, rooms.temporary)
    // A cache that is theirs already may be in use right now.
    if (rooms.cache !== undefined && (await stat(rooms.cache)).uid !== user.uid) await giveTo(user, rooms.cache)
  }
  if (process.platform !== 'linux') return none(limits, 'only Linux has them')
  try {
    return await namespaces({ rooms, user, limits, places: await placesOf(order.tools, data) })
  } catch (error) {
    const why = reasonOf(error)
    if (user === undefined) return none(limits, why)
    // Without a view of its own it could not reach a cache that nobody else may see.
    rooms.cache = undefined
    return { ...(await otherUser(rooms, user, limits, data)), why }
  }
}

function none(limits: HardLimits, why: string): Walls {
  return {
    kind: 'none',
    why,
    inside: (path) => path,
    async enter({ file, args, folder, environment }) {
      const [program, ...options] = [...limited(limits, false), file, ...args] as [string, ...string[]]
      return { file: program, args: options, cwd: folder, env: environment }
    },
  }
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  return (stderr?.trim().split('\n').at(-1) || message || String(error)).slice(0, 200)
}
