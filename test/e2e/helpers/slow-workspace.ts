import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '../../helpers/temp.ts'
import { ROOT } from './pipi.ts'

/** A workspace whose build goes on until a file appears. */
export async function slowWorkspace(): Promise<{ folder: string; letGo: () => Promise<void> }> {
  const folder = await tempFolder('slow')
  const gate = join(await tempFolder('gate'), 'open')
  await cp(join(ROOT, 'examples/research-site'), folder, { recursive: true })
  const file = join(folder, 'workspace.yaml')
  const waiting = `while [ ! -e '${gate}' ]; do sleep 0.05; done; node site/build.mjs`
  await writeFile(file, (await readFile(file, 'utf8')).replace(/command: .*/, `command: ${JSON.stringify(waiting)}`))
  return { folder, letGo: () => writeFile(gate, '') }
}
