import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import { gitAddress } from '../../engines/parts/source/git-address.ts'

/**
 * Whether a git source may be used and can be there. `local`: the caller owns this host, and may name its folders.
 * @returns what is wrong with it, for people, or undefined
 */
export async function checkGitSource(
  url: string,
  local: boolean,
): Promise<{ message: string; allowed: string } | undefined> {
  try {
    const address = await gitAddress(url, local)
    if (address.protocol !== 'file') return undefined
    if (await isRepository(address.url)) return undefined
    return { message: `there is no git repository at ${shown(address.url)}`, allowed: 'the folder of a git repository' }
  } catch (error) {
    // What Node.js says of a file: address that cannot be a path.
    if (error instanceof TypeError || error instanceof URIError) {
      return { message: `That is no address of a folder: ${shown(url)}`, allowed: 'file:///path/to/repository' }
    }
    if (!(error instanceof PipiError) || error.code !== 'source.unreachable') throw error
    return { message: `${error.message}: ${shown(url)}`, allowed: error.hint ?? 'an https address of a git repository' }
  }
}

/** With a work tree, or bare. */
async function isRepository(folder: string): Promise<boolean> {
  const there = await Promise.all(
    [join(folder, '.git'), join(folder, 'HEAD')].map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return there.includes(true)
}

/** An address that was refused for holding a password is not repeated with it. */
function shown(url: string): string {
  return url
    .replace(/\/\/[^/@]*@/, '//…@')
    .replace(/\p{Cc}/gu, '?')
    .slice(0, 120)
}
