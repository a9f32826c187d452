import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { NAME } from '../../../engines/contract/words.ts'

/** What a user named: a manifest on this machine, or a workspace that the platform knows already. */
export type Target =
  | { kind: 'manifest'; file: string; folder: string; text: string }
  | { kind: 'workspace'; name: string }

const NAMES = ['workspace.yaml', 'workspace.yml']
/** The platform takes 32 KB; a file far above it is not even sent. */
const LIMIT_BYTES = 32 * 1024

export async function findTarget(target: string): Promise<Target> {
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return undefined
    throw new PipiError('input.invalid', `${target} cannot be read: ${error.message}`, { cause: error })
  })
  if (found?.isFile()) return readManifestFile(target)
  if (found?.isDirectory()) {
    for (const name of NAMES) {
      const file = join(target, name)
      if (
        await stat(file).then(
          (it) => it.isFile(),
          () => false,
        )
      )
        return readManifestFile(file)
    }
    throw new PipiError('input.invalid', `There is no workspace.yaml in ${target}`, {
      hint: 'Start from an example: examples/research-workspace/workspace.yaml (docs/manifest.md tells every field)',
    })
  }
  if (NAME.test(target)) return { kind: 'workspace', name: target }
  throw new PipiError(
    'input.invalid',
    `${JSON.stringify(target)} is neither a folder, nor a file, nor a workspace's name`,
    {
      hint: 'Give a folder with a workspace.yaml, the file itself, or the name of a workspace from ./pipi list',
    },
  )
}

async function readManifestFile(file: string): Promise<Target> {
  const bytes = await readFile(file)
  if (bytes.length > LIMIT_BYTES) {
    throw new PipiError('manifest.invalid', `${file} has ${bytes.length} bytes`, {
      problems: [
        {
          file,
          line: 1,
          column: 1,
          message: `a manifest of ${bytes.length} bytes`,
          allowed: `at most ${LIMIT_BYTES} bytes`,
        },
      ],
      hint: 'A manifest describes a workspace; data belongs into its source.',
    })
  }
  return { kind: 'manifest', file, folder: dirname(file), text: bytes.toString('utf8') }
}
