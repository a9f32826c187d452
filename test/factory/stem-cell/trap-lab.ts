import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Lab, manifest, openLab, sourceFolder } from './clone.ts'

const PACK = join(import.meta.dirname, '../../fixtures/trap')

export const THING = 'trap:index/thing:Thing'
export const METER = 'trap-things.things'

export interface TrapLab extends Lab {
  /** A folder with something to deploy. */
  source: string
  /** Names of the things that exist, sorted. */
  things(): Promise<string[]>
  /** What was called at the simulated cloud that changes something, in order. */
  changes(): Promise<string[]>
}

/** A clone of the engine that is made up for tests, whose one resource type is simple enough to say everything of. */
export async function openTrapLab(folder: string): Promise<TrapLab> {
  const catalog = join(folder, 'catalog')
  await mkdir(catalog)
  const facts = await readFile(join(PACK, 'catalog/trp.yaml'), 'utf8')
  const today = new Date().toISOString().slice(0, 10)
  await writeFile(join(catalog, 'trp.yaml'), facts.replace(/^checked: .*$/m, `checked: '${today}'`))
  const lab = await openLab('trp', folder, { engines: join(PACK, 'engines'), catalog })
  const source = await sourceFolder(join(folder, 'source'), { 'index.html': '<h1>things</h1>' })
  return {
    ...lab,
    source,
    things: async () => ((await lab.admin('/inventory')).resources as { id: string }[]).map(({ id }) => id).sort(),
    changes: async () => {
      const { calls } = (await lab.admin('/calls')) as { calls: { operation: string; type: string }[] }
      return calls
        .filter(({ type, operation }) => type === THING && operation !== 'read')
        .map(({ operation }) => operation)
    },
  }
}

/** One thing, called as its component's environment says; another name replaces it. */
export function mover(workspace: string, name: string) {
  return manifest([{ kind: 'site', name: 'mover', env: { THING_NAME: name } }], workspace)
}
