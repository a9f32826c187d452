import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeRepository } from '../../../platform/cli/quickstart/make-repository.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { ROOT } from './pipi.ts'

/** The example site as a git repository, and a manifest for as many workspaces of it as a story needs. */
export async function sites(): Promise<{ url: string; manifest(name: string, more?: string): Promise<string> }> {
  const { url } = await makeRepository(join(ROOT, 'examples/research-site'), await tempFolder('repository'))
  const folder = await tempFolder('manifests')
  const text = await readFile(join(ROOT, 'examples/research-site/workspace.yaml'), 'utf8')
  return {
    url,
    async manifest(name, more = '') {
      const file = join(folder, `${name}.yaml`)
      await writeFile(file, `${text.replace(/^name: .*/m, `name: ${name}`)}${more}`)
      return file
    },
  }
}
