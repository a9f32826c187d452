import { dirname, join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { BuildOrder } from './build-component.ts'
import type { CommandSetting } from './command-setting.ts'
import type { Detected } from './detect.ts'
import { findTool } from './find-tool.ts'
import { buildLimits } from './limits.ts'
import { makeRooms } from './rooms.ts'
import type { BuildSettings } from './settings.ts'
import { filesNamedBy, installationOf } from './walls/places.ts'
import { raiseWalls } from './walls/raise-walls.ts'

const GIB = 1024 ** 3
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Rooms, walls and environment of one build; from here on its time runs. */
export async function prepare(order: BuildOrder, { tool }: Detected): Promise<CommandSetting> {
  const { component, account, artifacts, signal, settings = {}, environment: network = {} } = order
  const limits = buildLimits(settings.limits)
  const until = performance.now() + limits.timeMs
  const rooms = await makeRooms({ ...order, tool, account, settings, network })
  const path = pathOf(order)
  const walls = await raiseWalls({
    rooms,
    account,
    // Node lays claim to more than half a GiB that it never uses, and every tool here may call Node.
    limits: { memory: limits.memoryBytes + GIB, file: limits.workBytes + GIB / 16, tasks: limits.processes * 8 },
    tools: await toolPlaces(tool, path, network),
    artifacts,
  })
  if (walls.why !== undefined) requireWalls(settings, walls.why, walls.kind, order.log)
  return {
    folder: join(rooms.source, component.path),
    environment: {
      ...network,
      ...component.env,
      PATH: path,
      LANG: 'C.UTF-8',
      CI: 'true',
      HOME: walls.inside(rooms.home),
      TMPDIR: walls.inside(rooms.temporary),
    },
    ...{ walls, rooms, limits, until, path, settings, network, signal },
    workFolder: order.workFolder,
    log: order.log,
  }
}

function requireWalls({ wallsRequired }: BuildSettings, why: string, kind: string, log: BuildOrder['log']): void {
  if (wallsRequired) {
    throw new PipiError(
      'build.failed',
      `This host cannot wall a build off, and its owner lets none run without: ${why}`,
      {
        hint: 'Allow user namespaces (sysctl user.max_user_namespaces), install util-linux, or unset PIPI_BUILD_WALLS.',
      },
    )
  }
  log(`this build is not walled off from the rest of this host (${kind === 'user' ? 'a user of its own, ' : ''}${why})`)
}

/** Folders of programs that do not lie among the system's, and files that the owner's variables name. */
async function toolPlaces(tool: Detected['tool'], path: string, network: Record<string, string>): Promise<string[]> {
  const wanted = { npm: ['npm'], maven: ['java', 'mvn'], gradle: ['java'], none: [] }[tool]
  const found = await Promise.all(wanted.map((name) => findTool(name, path).catch(() => undefined)))
  const programs = [process.execPath, ...found.filter((file) => file !== undefined)]
  return [...path.split(':'), ...(await Promise.all(programs.map(installationOf))), ...filesNamedBy(network)]
}

export function pathOf({ path }: BuildOrder): string {
  return `${dirname(process.execPath)}:${path ?? SYSTEM_PATH}`
}
