import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentKind } from '../../factory/contract/truth.ts'
import { type Lab, manifest, openLab, sourceFolder } from '../factory/stem-cell/clone.ts'
import { tempFolder } from '../helpers/temp.ts'
import type { Doom } from './doomed-clone.ts'

/** Seven resources, one after the other or side by side: their intents are counted as they come. */
const DEPLOY = [
  ...['taken', 'building', 'planning', 'reserving', 'reserved', 'applying'],
  ...['intent 1', 'made 1', 'written 1', 'intent 4', 'made 4', 'written 4', 'intent 7', 'made 7', 'written 7'],
  ...['verifying', 'settling', 'settled'],
]
const UPDATE = ['intent 1', 'made 1', 'written 1']
const DESTROY = ['applying', 'intent 1', 'made 4', 'written 7', 'settling']

/** Longer than a clone takes to renew its lease; the dead one's has to run out. */
const LEASE_MS = 4_000
const PATIENCE_MS = 180_000

interface Thing {
  urn: string
  type: string
  id: string
}

describe('an engine killed by SIGKILL', () => {
  let lab: Lab
  let folder: string
  let sources: { one: string; two: string }
  /** What an undisturbed workspace has and holds. */
  let wanted: { types: string[]; standing: unknown }
  let clones = 1

  const site = (name: string) => manifest([{ kind: 'site', name: 'site' }], name)
  beforeAll(async () => {
    folder = await tempFolder()
    lab = await openLab('aws', folder)
    sources = {
      one: await sourceFolder(join(folder, 'one'), { 'index.html': '<h1>one</h1>' }),
      two: await sourceFolder(join(folder, 'two'), { 'index.html': '<h1>two</h1>' }),
    }
    expect((await lab.carry('deploy', site('quiet'), { source: sources.one })).status).toBe('succeeded')
    wanted = { types: (await thingsOf('quiet')).map(({ type }) => type), standing: await standing('quiet') }
    expect(wanted.types).toHaveLength(7)
  })
  afterAll(async () => {
    // Whatever was killed in between: nothing is left of anything.
    expect((await lab.carry('destroy', site('quiet'))).status).toBe('succeeded')
    expect(((await lab.admin('/inventory')).resources as Thing[]).map(({ urn }) => urn)).toEqual([])
    expect(await lab.meters()).toEqual({})
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
    await lab.close()
  })

  it.concurrent.each(DEPLOY)(
    'when a deploy was at "%s": each thing exists once, and the ledger holds just that',
    async (at) => {
      const name = nameOf('deploy', at)
      await killed('deploy', name, at, sources.one)
      await isWhole(name)
      await isGone(name)
    },
    PATIENCE_MS,
  )

  it.concurrent.each(UPDATE)(
    'when an update was at "%s": it is made, and the ledger holds just that',
    async (at) => {
      const name = nameOf('update', at)
      expect((await lab.carry('deploy', site(name), { source: sources.one })).status).toBe('succeeded')
      await killed('deploy', name, at, sources.two)
      await isWhole(name)
      const [row] = await lab.db.query<{ outputs: { site?: { url?: string } } }>(
        'select d.outputs from pipi.deployments d join pipi.workspaces w on w.id = d.workspace where w.name = $1 order by d.position desc limit 1',
        [name],
      )
      expect(await (await fetch(String(row?.outputs.site?.url))).text()).toBe('<h1>two</h1>')
      await isGone(name)
    },
    PATIENCE_MS,
  )

  it.concurrent.each(DESTROY)(
    'when a destroy was at "%s": nothing is left, and nothing is held',
    async (at) => {
      const name = nameOf('destroy', at)
      expect((await lab.carry('deploy', site(name), { source: sources.one })).status).toBe('succeeded')
      await killed('destroy', name, at)
      expect(await thingsOf(name)).toEqual([])
      expect(await standing(name)).toEqual([])
    },
    PATIENCE_MS,
  )

  const nameOf = (kind: string, at: string) => `${kind}-${at.replace(' ', '-')}`

  /** A clone of its own works it off until it is killed; then ours takes over and ends it. */
  async function killed(kind: DeploymentKind, name: string, at: string, source?: string): Promise<void> {
    const deployment = await lab.place(kind, site(name), source === undefined ? {} : { source })
    clones += 1
    const own = { clone: `aws-${clones}`, folder: join(folder, `clone-${clones}`), leaseMs: LEASE_MS }
    const doom: Doom = { seed: { ...lab.seed, ...own }, deployment, at }
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'doomed-clone.ts')],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    )
    child.stdin.end(JSON.stringify(doom))
    const said = text(child.stderr)
    const [, signal] = await once(child, 'exit')
    expect(signal, await said).toBe('SIGKILL')
    const ended = await lab.handOver(deployment)
    expect(ended.error ?? ended.refusal).toBeUndefined()
    expect(ended.status).toBe('succeeded')
  }

  async function isWhole(name: string): Promise<void> {
    const things = await thingsOf(name)
    expect(things.map(({ type }) => type)).toEqual(wanted.types)
    expect(new Set(things.map(({ urn }) => urn)).size).toBe(things.length)
    expect(await standing(name)).toEqual(wanted.standing)
  }

  async function isGone(name: string): Promise<void> {
    expect((await lab.carry('destroy', site(name))).status).toBe('succeeded')
    expect(await thingsOf(name)).toEqual([])
    expect(await standing(name)).toEqual([])
  }

  /** What the platform has of a workspace, by type. */
  async function thingsOf(name: string): Promise<Thing[]> {
    const [row] = await lab.db.query<{ id: string }>('select id from pipi.workspaces where name = $1', [name])
    const all = (await lab.admin('/inventory')).resources as Thing[]
    return all
      .filter(({ urn }) => urn.startsWith(`urn:pulumi:${row?.id}::`))
      .sort((a, b) => a.type.localeCompare(b.type) || a.urn.localeCompare(b.urn))
  }

  /** What the ledger holds for a workspace, each for a whole period. */
  async function standing(name: string): Promise<unknown[]> {
    return lab.db.query(
      `select h.meter, h.scope, sum(h.amount)::float8 as amount, array_agg(distinct h.state) as states
       from pipi.holdings h join pipi.workspaces w on w.id = h.workspace where w.name = $1 and h.state <> 'released'
       group by 1, 2 order by 1, 2`,
      [name],
    )
  }
})
