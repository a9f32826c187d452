import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '../../helpers/temp.ts'
import { SITE_FILES } from '../use-cloud.ts'

/** A repository with a site in `site/` on the branch `main`. */
export async function repository(
  files: Record<string, string> = SITE_FILES,
): Promise<{ url: string; commit: string; push(files: Record<string, string>): Promise<string> }> {
  const url = await tempFolder('repository')
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: url,
      encoding: 'utf8',
    }).trim()
  const push = async (content: Record<string, string>): Promise<string> => {
    for (const [name, text] of Object.entries(content)) {
      await mkdir(join(url, 'site', name, '..'), { recursive: true })
      await writeFile(join(url, 'site', name), text)
    }
    git('add', '.')
    git('commit', '--quiet', '-m', 'content')
    return git('rev-parse', 'HEAD')
  }
  git('init', '--quiet', '--initial-branch=main')
  const commit = await push(files)
  git('tag', 'v1')
  return { url, commit, push }
}
