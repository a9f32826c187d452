import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PipiError } from '../../../catalog/errors.ts'
import { publicAddress } from './public-address.ts'

export interface GitAddress {
  /** As git gets it. */
  url: string
  protocol: 'https' | 'file' | 'ssh'
  /** `git -c` settings that go with it. */
  settings: string[]
}

/** Checks where a source is. `local`: the caller owns this host, and may name its folders and use ssh. */
export async function gitAddress(url: string, local: boolean): Promise<GitAddress> {
  if (url.startsWith('-') || hasControl(url)) throw refused('That is no address of a git repository')
  if (isAbsolute(url)) return ofFolder(url, local)
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'file:') {
    if (parsed.host !== '') throw refused('A file: address names no host')
    return ofFolder(fileURLToPath(parsed), local)
  }
  if (parsed?.protocol === 'ssh:' && local) {
    if (parsed.hostname.startsWith('-') || parsed.username.startsWith('-')) throw refused('That is no ssh address')
    return { url: parsed.href, protocol: 'ssh', settings: [] }
  }
  if (parsed?.protocol !== 'https:')
    throw refused(`A source is fetched by https, and this is ${parsed?.protocol ?? 'no URL'}`)
  if (parsed.username !== '' || parsed.password !== '') throw refused('An address holds no user and no password')
  if (local) return { url: parsed.href, protocol: 'https', settings: [] }
  // The address that was checked is the one that is used: a name that changes its answer leads nowhere.
  const address = await publicAddress(parsed.hostname)
  const pinned = `${parsed.hostname}:${parsed.port || '443'}:${address}`
  return { url: parsed.href, protocol: 'https', settings: [`http.curloptResolve=${pinned}`] }
}

function ofFolder(path: string, local: boolean): GitAddress {
  if (!local) throw refused('A folder of this host is open to its owner only')
  return { url: path, protocol: 'file', settings: [] }
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character.charCodeAt(0) < 0x20 || character.charCodeAt(0) === 0x7f)
}

function refused(message: string): PipiError {
  return new PipiError('source.unreachable', message, {
    hint: 'Name a repository as https://host/path, readable without a password.',
  })
}
