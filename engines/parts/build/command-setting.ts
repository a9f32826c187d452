import type { Command } from './run-command.ts'
import type { BuildSettings } from './settings.ts'
import type { Rooms } from './walls/walls.ts'

/** How the commands of one build are run, all but what is run. */
export interface CommandSetting extends Omit<Command, 'title' | 'file' | 'args'> {
  rooms: Rooms
  /** Where tools are looked for. */
  path: string
  settings: BuildSettings
  /** What the owner of the host lets builds know of its network. */
  network: Record<string, string>
}
