import { existsSync } from 'node:fs'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, sep } from 'node:path'

/** What a system's programs consist of. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix']

/**
 * The lines of `enter/places`: what a build sees of this machine beside its own folders.
 * @param tools folders and files that must be seen too, e.g. where Node lies
 * @param hidden what must not be seen even where it lies inside one of the system's folders
 */
export async function placesOf(tools: readonly string[], hidden: string): Promise<string[]> {
  const lines: string[] = []
  const seen: string[] = []
  for (const path of SYSTEM) {
    const status = await lstat(path).catch(() => undefined)
    if (status?.isSymbolicLink()) lines.push(`link ${await readlink(path)} ${path}`)
    else if (status?.isDirectory()) lines.push(`read ${path}`)
    if (status !== undefined) seen.push(path)
  }
  lines.push(`hide ${await realpath(hidden).catch(() => hidden)}`)
  // Names are looked up with what lies behind this link.
  for (const path of ['/etc/resolv.conf', ...tools]) {
    const real = await realpath(path).catch(() => undefined)
    // A name with a line break could say what is to be mounted.
    for (const place of real === undefined ? [] : [...new Set([path, real])]) {
      if (place.includes('\n') || seen.some((folder) => isInside(place, folder))) continue
      seen.push(place)
      lines.push(`read ${place}`)
    }
  }
  return lines
}

/** The folder that a program's whole installation lies in: of `…/bin/node` the one above `bin`. */
export async function installationOf(program: string): Promise<string> {
  const folder = dirname(await realpath(program))
  const above = dirname(folder)
  return /\/s?bin$/.test(folder) && above !== '/' ? above : folder
}

/** Files that a variable of the owner's names, such as certificates. */
export function filesNamedBy(environment: Record<string, string>): string[] {
  return Object.values(environment).filter((value) => isAbsolute(value) && existsSync(value))
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}
