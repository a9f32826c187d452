import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { insidePathSchema, refSchema } from '../../contract/words.ts'
import { type GitSetting, git } from './git.ts'
import { type GitAddress, gitAddress } from './git-address.ts'

export interface SourceOrder {
  /** `https://…`; with `local` also a folder, `file:` or `ssh:`. */
  url: string
  /** Branch, tag or full commit. */
  ref: string
  /** Folder inside the repository. */
  path: string
  /** The caller owns this host. */
  local: boolean
  /** Emptied first; holds the source afterwards. */
  folder: string
  signal: AbortSignal
  /** Further variables that the owner of the host lets git see: proxy, certificates. */
  environment?: Record<string, string>
  timeMs?: number
  /** Bytes, history and files together. */
  bytes?: number
  /** Files and folders. */
  entries?: number
}

const TIME_MS = 180_000
const BYTES = 500 * 1024 ** 2
const ENTRIES = 50_000

export interface FetchedSource {
  folder: string
  commit: string
  /** What the repository names and is not fetched, for people. */
  left: string[]
}

/** Fetches one commit of a git repository, nothing of its history, and runs nothing that it brings. Throws `source.unreachable`. */
export async function fetchSource(order: SourceOrder): Promise<FetchedSource> {
  const ref = parse(refSchema, order.ref, 'ref')
  const path = parse(insidePathSchema, order.path, 'path')
  const address = await gitAddress(order.url, order.local)
  const checkout = join(order.folder, 'source')
  const setting: GitSetting = {
    folder: checkout,
    home: join(order.folder, 'git-home'),
    protocol: address.protocol,
    environment: order.environment ?? {},
    signal: order.signal,
    timeMs: order.timeMs ?? TIME_MS,
    bytes: order.bytes ?? BYTES,
    entries: order.entries ?? ENTRIES,
    ...(address.protocol === 'file' ? { trusted: address.url } : {}),
  }
  await rm(order.folder, { recursive: true, force: true })
  await mkdir(checkout, { recursive: true })
  try {
    await git(setting, [], ['init', '--quiet', '--template='])
    await fetchFrom(setting, address, ref)
    const commit = await git(setting, [], ['rev-parse', '--verify', '--end-of-options', 'FETCH_HEAD^{commit}'])
    await git(setting, [], ['checkout', '--quiet', '--detach', commit])
    await rm(join(checkout, '.git'), { recursive: true, force: true })
    await rm(setting.home, { recursive: true, force: true })
    return { folder: await inside(checkout, path, ref), commit, left: await leftOut(checkout) }
  } catch (error) {
    await rm(order.folder, { recursive: true, force: true })
    throw error
  }
}

/** Some hosts, GitLab among them, know a repository with `.git` at its end only and send on from the other address, which we do not follow. */
async function fetchFrom(setting: GitSetting, { url, protocol, settings }: GitAddress, ref: string): Promise<void> {
  try {
    await fetchCommit(setting, settings, url, ref)
  } catch (error) {
    const lines = error instanceof PipiError ? ((error.data.lines ?? []) as string[]) : []
    const sentOn = lines.some((line) => /redirect|returned error: 30\d/i.test(line))
    if (!sentOn || protocol !== 'https' || /\.git\/?$/.test(url)) throw error
    await fetchCommit(setting, settings, `${url.replace(/\/$/, '')}.git`, ref)
  }
}

/** Submodules and large files kept elsewhere would be fetched from addresses that nobody has checked. */
async function leftOut(checkout: string): Promise<string[]> {
  const read = (name: string) => readFile(join(checkout, name), 'utf8').catch(() => '')
  const left: string[] = []
  if (/^\s*\[submodule /m.test(await read('.gitmodules')))
    left.push('its submodules are not fetched: their folders are empty')
  if (/filter=lfs/.test(await read('.gitattributes')))
    left.push('files kept in Git LFS are not fetched: what is there are their pointers')
  return left
}

async function fetchCommit(setting: GitSetting, settings: string[], url: string, ref: string): Promise<void> {
  const args = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--end-of-options', url, ref]
  try {
    await git(setting, settings, args)
  } catch (error) {
    if (!(error instanceof PipiError) || error.data.lines === undefined) throw error
    const last = (error.data.lines as string[]).at(-1) ?? ''
    throw new PipiError('source.unreachable', `The source ${url} at ${ref} cannot be fetched: ${last}`, {
      hint: await hintFor(setting, settings, url, ref),
      data: error.data,
      cause: error,
    })
  }
}

/** What the repository has instead; where it cannot even be listed, that. */
async function hintFor(setting: GitSetting, settings: string[], url: string, ref: string): Promise<string> {
  const listed = await git(setting, settings, [
    'ls-remote',
    '--heads',
    '--tags',
    '--refs',
    '--end-of-options',
    url,
  ]).catch((error: unknown) => {
    setting.signal.throwIfAborted()
    if (error instanceof PipiError) return undefined
    throw error
  })
  if (listed === undefined) return 'Can the repository be read without a password? Is its address right?'
  if (/^[0-9a-f]{4,40}$/.test(ref))
    return 'Name a commit by all its 40 digits; it has to be on a branch or tag of the repository.'
  const names = listed.split('\n').flatMap((line) => /\trefs\/(?:heads|tags)\/(.+)$/.exec(line)?.[1] ?? [])
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return names.length === 0 ? 'The repository is empty.' : `It has ${names.slice(0, SHOWN).join(', ')}${more}.`
}

const SHOWN = 10

async function inside(checkout: string, path: string, ref: string): Promise<string> {
  const root = await realpath(checkout)
  const folder = await realpath(join(root, path)).catch(() => undefined)
  if (folder !== undefined && (folder === root || folder.startsWith(root + sep)) && (await stat(folder)).isDirectory())
    return folder
  throw new PipiError('source.unreachable', `The source has no folder ${path} at ${ref}`, {
    hint: 'Check "path" of the source against the repository.',
  })
}

function parse(schema: typeof refSchema, value: string, what: string): string {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new PipiError('source.unreachable', `The ${what} of the source is not valid`, {
    hint: `Expected: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`,
  })
}
