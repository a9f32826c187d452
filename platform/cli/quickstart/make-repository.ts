import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { PipiError } from '../../../catalog/errors.ts'
import { childEnvironment } from '../../config.ts'

const WHEN = '2026-01-01T00:00:00Z'

/** Copies an example and makes a git repository of it, with one commit on `main`. The same files give the same commit. */
export async function makeRepository(example: string, folder: string): Promise<{ url: string; ref: string }> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(example, folder, { recursive: true })
  const environment = {
    ...childEnvironment(),
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Quickstart',
    GIT_AUTHOR_EMAIL: 'quickstart@localhost',
    GIT_AUTHOR_DATE: WHEN,
    GIT_COMMITTER_NAME: 'Quickstart',
    GIT_COMMITTER_EMAIL: 'quickstart@localhost',
    GIT_COMMITTER_DATE: WHEN,
  }
  const git = async (...args: string[]) => {
    const ended = await execa('git', args, { cwd: folder, env: environment, extendEnv: false, reject: false })
    if (ended.exitCode === 0) return
    throw new PipiError('toolchain.missing', `git ${args[0]} failed: ${ended.stderr || ended.shortMessage}`, {
      hint: 'git 2.30 or newer is needed: ./pipi doctor',
    })
  }
  await git('init', '--quiet')
  await git('symbolic-ref', 'HEAD', 'refs/heads/main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'An example to start from')
  return { url: pathToFileURL(join(folder)).href, ref: 'main' }
}
