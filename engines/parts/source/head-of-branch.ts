import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from './git.ts'
import { gitAddress } from './git-address.ts'

export interface BranchOrder {
  url: string
  branch: string
  /** The caller owns this host. */
  local: boolean
  /** Emptied first and removed after. */
  folder: string
  signal: AbortSignal
  environment?: Record<string, string>
}

const TIME_MS = 30_000

/** The commit that a branch of a repository is at now; undefined: it has no such branch. Throws `source.unreachable`. */
export async function headOfBranch(order: BranchOrder): Promise<string | undefined> {
  const { url, protocol, settings } = await gitAddress(order.url, order.local)
  const home = join(order.folder, 'home')
  await rm(order.folder, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  try {
    const setting = {
      folder: order.folder,
      home,
      protocol,
      environment: order.environment ?? {},
      signal: order.signal,
      timeMs: TIME_MS,
      bytes: 1024 ** 2,
      entries: 100,
      ...(protocol === 'file' ? { trusted: url } : {}),
    }
    const listed = await git(setting, settings, ['ls-remote', '--heads', '--end-of-options', url])
    const suffix = `\trefs/heads/${order.branch}`
    return listed
      .split('\n')
      .find((line) => line.endsWith(suffix))
      ?.slice(0, 40)
  } finally {
    await rm(order.folder, { recursive: true, force: true })
  }
}
