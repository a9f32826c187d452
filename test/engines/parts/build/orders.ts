import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BuiltComponent, siteSchema } from '../../../../engines/contract/component.ts'
import type { BuildOrder } from '../../../../engines/parts/build/build-component.ts'
import { listProcesses } from '../../../../engines/parts/process/list.ts'
import { tempFolder } from '../../../helpers/temp.ts'

/** Living processes that were started as `sleep SECONDS`. */
export async function sleepers(seconds: string): Promise<number[]> {
  const found: number[] = []
  for (const { pid } of await listProcesses()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
    if (command.startsWith('sleep') && command.includes(seconds)) found.push(pid)
  }
  return found
}

/** What was kept in a store, and what is half done there. */
export async function artifactsOf({ artifacts }: BuildOrder): Promise<string[]> {
  return (await readdir(artifacts)).filter((name) => /^[0-9a-f]{64}$|^\./.test(name))
}

/** An order to build a source of these files; the data folder is `root`. */
export async function orderOf(files: Record<string, string | Uint8Array>, component: BuiltComponent) {
  const root = await tempFolder('build')
  const source = join(root, 'source')
  await mkdir(source)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(source, name)), { recursive: true })
    await writeFile(join(source, name), content)
  }
  const lines: string[] = []
  const order: BuildOrder = {
    sourceFolder: source,
    component,
    account: 'team',
    workFolder: join(root, 'work'),
    artifacts: join(root, 'artifacts'),
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
  }
  return { order, source, lines, root }
}

export function site(files: Record<string, string>, build: { command?: string; output?: string }) {
  return orderOf(files, siteSchema.parse({ name: 'site', kind: 'site', build }))
}
