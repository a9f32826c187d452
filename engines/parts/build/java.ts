import type { CommandSetting } from './command-setting.ts'

/** Java knows no HOME, and takes a quarter of the machine for itself unless it is told. */
export function javaOptions({ rooms, walls, limits }: CommandSetting): string {
  return `-Duser.home=${walls.inside(rooms.home)} -Xmx${Math.floor(limits.memoryBytes / 2 / 1024 ** 2)}m`
}

export function xml(text: string): string {
  return text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
