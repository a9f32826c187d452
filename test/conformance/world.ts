import { join } from 'node:path'
import type { ComponentKind } from '../../engines/contract/component.ts'
import { componentSchema } from '../../engines/contract/component.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import { loadEngine, sandboxModuleOf } from '../../engines/scan.ts'
import { openHost } from '../engines/pip/supervisor/host.ts'
import { type CarryOptions, type Lab, manifest, openLab, sourceFolder } from '../factory/stem-cell/clone.ts'
import type { Seed } from '../factory/stem-cell/seed.ts'

/** Something that exists at the platform. `whose` tells the one of a workspace's resources that it is. */
export interface Thing {
  type: string
  id: string
  whose: string
}

/** An engine's clone, and the platform it works at: a simulated one, or this machine. */
export interface World {
  lab: Lab
  /** All that exists there, as the platform itself says. */
  things(): Promise<Thing[]>
  /** Deletes it behind everybody's back. */
  lose(thing: Thing): Promise<void>
  /**
   * Makes the next deployment fail in its middle, or come to no end: at the platform, where the types that it has to make
   * are given, or by what is to be deployed.
   */
  trouble(
    how: 'error' | 'hang',
    types: readonly string[],
  ): Promise<{ of?: Manifest; how?: CarryOptions; over?(): Promise<unknown> }>
  /** What the platform charges, USD; nothing is charged for a machine of one's own. */
  bill(): Promise<number>
  close(): Promise<void>
}

export async function openWorld(
  code: string,
  folder: string,
  from: Pick<Seed, 'engines' | 'catalog'> = {},
): Promise<World> {
  const engine = await loadEngine(code, from.engines, from.catalog)
  return sandboxModuleOf(engine) === undefined ? onThisMachine(code, folder) : simulated(code, folder, from)
}

async function simulated(code: string, folder: string, from: Pick<Seed, 'engines' | 'catalog'>): Promise<World> {
  const lab = await openLab(code, folder, from)
  return {
    lab,
    things: async () => {
      const { resources } = (await lab.admin('/inventory')) as { resources: (Thing & { urn: string })[] }
      return resources.map(({ type, id, urn }) => ({ type, id, whose: urn }))
    },
    lose: async ({ type, id }) => void (await lab.admin('/drift', { type, id, delete: true })),
    trouble: async (kind, types) => {
      // A provider of ours asks again by itself: whoever fails, fails until it is over.
      const count = kind === 'error' ? 50 : 1
      await lab.admin('/fault', { kind, moment: 'before', type: types.at(-1), operation: 'create', count })
      return { over: () => lab.forget('/fault') }
    },
    bill: async () => ((await lab.admin('/bill')) as { total: number }).total,
    close: () => lab.close(),
  }
}

async function onThisMachine(code: string, folder: string): Promise<World> {
  const { supervisor, client } = await openHost({}, join(folder, 'supervisor'))
  const lab = await openLab(code, folder, { companions: { host: supervisor.address } })
  const whose = (labels: Record<string, string>) => Object.entries(labels).sort().flat().join(' ')
  return {
    lab,
    things: async () => [
      ...(await client.processes()).map(({ spec }) => ({ type: 'process', id: spec.name, whose: whose(spec.labels) })),
      ...(await client.stores()).map(({ spec }) => ({ type: 'store', id: spec.name, whose: whose(spec.labels) })),
    ],
    lose: ({ id }) => client.removeProcess(id),
    trouble: async (how) => {
      // Ends at once, or runs on and never listens.
      const server = how === 'error' ? 'process.exit(3)' : 'setInterval(() => undefined, 1000)'
      const source = await sourceFolder(join(folder, how), { 'server.js': server })
      return { of: manifest([{ name: 'pages', kind: 'service' }], 'troubled'), how: { source } }
    },
    bill: async () => 0,
    close: async () => {
      await lab.close()
      await supervisor.close()
    },
  }
}

/** The pages that every engine carries under this name, and users' data beside them where it carries such. */
export function pagesAndData({ lab: { engine } }: World, workspace: string, pages = 'pages'): Manifest {
  const models = ['key-value', 'document', 'relational']
  const data = [
    { name: 'data', kind: 'store' },
    ...models.map((model) => ({ name: 'data', kind: 'database', model })),
  ].find(
    (one) =>
      (one.kind as ComponentKind) in engine.programs && engine.refuses?.(componentSchema.parse(one)) === undefined,
  )
  return manifest([{ name: pages, kind: 'site', path: 'site' }, ...(data === undefined ? [] : [data])], workspace)
}

/** The same without data. */
export function pagesOnly(workspace: string): Manifest {
  return manifest([{ name: 'pages', kind: 'site', path: 'site' }], workspace)
}
