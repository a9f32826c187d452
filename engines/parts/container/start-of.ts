import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { ImageConfig } from '../image/unpack.ts'

/** How an image's program is started. */
export interface ContainerStart {
  command: string[]
  /** The folder it starts in, absolute inside the image. */
  at: string
  /** Who it is inside; never root. */
  uid: number
  gid: number
  /** What the image itself sets. */
  environment: Record<string, string>
}

/** Who runs what names nobody, or root: a number that images commonly mean "nobody" by. */
const NOBODY = 65_532
const LARGEST = 2 ** 31
/** Far more than the lists of any system; one above that is no list, and read by nobody. */
const LIST_BYTES = 1024 ** 2
/** Names that a shell cannot set, or that are its own. */
const NAME = /^(?!(UID|EUID|PPID|SHELLOPTS|BASHOPTS|GLIBC_TUNABLES)$)[A-Za-z_][A-Za-z0-9_]*$/
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Reads an image's configuration as those do who run images. Throws `build.failed` where it names nothing to run. */
export async function containerStart(config: ImageConfig, rootfs: string): Promise<ContainerStart> {
  const command = [...config.entrypoint, ...config.cmd]
  if (command.length === 0) {
    throw new PipiError('build.failed', 'the image names no program', { hint: 'name one as "command" in the manifest' })
  }
  const [named = '', group] = config.user.split(':')
  const known = await lineOf(rootfs, 'passwd', named)
  const uid = numberOf(named) ?? numberOf(known?.[2]) ?? NOBODY
  const given = numberOf(group) ?? numberOf((await lineOf(rootfs, 'group', group ?? ''))?.[2]) ?? numberOf(known?.[3])
  return {
    command,
    at: config.workingDir === '' ? '/' : config.workingDir,
    uid,
    gid: given ?? uid,
    environment: {
      PATH,
      // As whoever it is: by its entry, and where there is none the one place that is its own.
      HOME: known?.[5] || '/tmp',
      ...Object.fromEntries(config.env.flatMap((line) => variableIn(line))),
    },
  }
}

function variableIn(line: string): [string, string][] {
  const cut = line.indexOf('=')
  const name = line.slice(0, cut)
  return cut > 0 && NAME.test(name) ? [[name, line.slice(cut + 1)]] : []
}

/** A number above root's, in decimals. */
function numberOf(text: string | undefined): number | undefined {
  const number = /^\d{1,10}$/.test(text ?? '') ? Number(text) : 0
  return number > 0 && number < LARGEST ? number : undefined
}

/** The fields of a name's, or a number's, line in the image's own list. */
async function lineOf(rootfs: string, list: 'passwd' | 'group', who: string): Promise<string[] | undefined> {
  const path = join(rootfs, 'etc', list)
  // Behind a link may lie a file of ours.
  const [etc, file] = await Promise.all([join(rootfs, 'etc'), path].map((each) => lstat(each).catch(() => undefined)))
  if (who === '' || !etc?.isDirectory() || !file?.isFile() || file.size > LIST_BYTES) return undefined
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const fields = line.split(':')
    if (fields[0] === who || fields[2] === who) return fields
  }
}
