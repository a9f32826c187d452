import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scanEngines } from '../../../engines/scan.ts'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { repository } from '../../engines/dgo/repository.ts'
import type { CarryOptions } from '../../factory/stem-cell/clone.ts'
import type { Seed } from '../../factory/stem-cell/seed.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { openWorld, pagesAndData, pagesOnly, type Thing, type World } from '../world.ts'

const TENTH = 'xte'
const carrying = [...(await scanEngines()).values()].filter(({ programs }) => Object.keys(programs).length > 0)
/** Build by themselves whatever a branch is at, and nothing else. */
const FOLLOWS_BRANCHES = ['dgo']
const PATIENCE_MS = 180_000

/**
 * The suite that every engine passes, found by scanning, the one made up for it too. `of` files share the engines out
 * among them, each by its number from 0, so that one works while another waits.
 */
export function everyEngine(file: number, of: number): void {
  const codes = [...carrying.map(({ dna }) => dna.code), TENTH].filter((_, index) => index % of === file)
  describe.each(codes)('a workspace on %s', { timeout: PATIENCE_MS }, (code) => {
    let world: World
    let pages: Awaited<ReturnType<typeof repository>>
    let first: Deployment
    beforeAll(async () => {
      pages = await repository({ 'index.html': 'one' })
      const folder = await tempFolder('conformance')
      world = await openWorld(code, folder, code === TENTH ? await tenth(folder) : {})
    }, PATIENCE_MS)
    afterAll(() => world?.close(), PATIENCE_MS)

    const whole = (name = 'pages') => pagesAndData(world, 'whole', name)
    const git = (commit?: string): CarryOptions => ({
      git: { url: pages.url, ref: 'main', path: '.', ...(commit === undefined ? {} : { commit }) },
    })
    async function succeeds(
      kind: 'deploy' | 'destroy' | 'preview' | 'refresh' | 'rollback',
      of = whole(),
      how = git(),
    ) {
      const done = await world.lab.carry(kind, of, how)
      expect(done.error ?? done.refusal).toBeUndefined()
      expect(done.status).toBe('succeeded')
      return done
    }

    it('is previewed as it is then applied, and previewing leaves nothing', async () => {
      const seen = await succeeds('preview')
      expect(await world.things()).toEqual([])
      expect(await world.lab.meters()).toEqual({})
      first = await succeeds('deploy')
      const planned = (seen.outputs as { changes: { urn: string; operation: string }[] }).changes
      expect(urnsOf(planned.filter(({ operation }) => operation === 'create'))).toEqual(urnsOf(first.resources))
      await answers(first, 'one')
      await isExact()
    })

    it('stays as it is when it is deployed again', async () => {
      const before = await world.things()
      expect(await changesOf(await succeeds('deploy'))).toEqual([])
      expect(await world.things()).toEqual(before)
    })

    it('is updated: what it answers, nothing beside it, and no data', async () => {
      const before = await world.things()
      await pages.push({ 'index.html': 'two' })
      await answers(await succeeds('deploy'), 'two')
      expect(typesOf(await world.things())).toEqual(typesOf(before))
      expect((await changesOf(await last())).filter(({ urn }) => urn.includes('::data'))).toEqual([])
      await isExact()
    })

    it('goes back to exactly what it was, or says why its platform cannot', async () => {
      const back = { ...git(pages.commit), goesBackTo: first.id }
      if (FOLLOWS_BRANCHES.includes(code)) {
        const refused = await world.lab.carry('rollback', whole(), back)
        expect(refused.status).toBe('failed')
        expect(refused.error?.message).toContain('follows branches only')
        await answers(await succeeds('deploy'), 'two')
      } else {
        await answers(await succeeds('rollback', whole(), back), 'one')
      }
      await isExact()
    })

    it('has a component replaced by another: the new one is there, the old one is not', async () => {
      await answers(await succeeds('deploy', whole('papers')), 'two', 'papers')
      await isExact()
      expect((await last()).resources.some(({ urn }) => /::pages(-|$)/.test(urn))).toBe(false)
    })

    it('is found otherwise than it was deployed, and set back', async () => {
      const papers = (await last()).resources.filter(({ urn }) => /::papers(-|$)/.test(urn))
      const lost = (await world.things()).filter(({ id }) => papers.some((one) => one.id === id)).at(-1)
      if (lost === undefined) throw new Error('nothing of the pages can be told apart')
      await world.lose(lost)
      const { drift } = await succeeds('refresh', whole('papers'))
      expect(drift?.found.map(({ what }) => what)).toContain('gone')
      await world.lab.carry('refresh', whole('papers'), { repair: true })
      await answers(await succeeds('deploy', whole('papers')), 'two', 'papers')
      await isExact()
    })

    it('is refused what is over a limit, by the name of the meter, and nothing is made', async () => {
      const before = await world.things()
      await world.lab.db.query(
        'create table if not exists public.kept as select cloud_account, meter, scope, stated_limit, limit_amount from pipi.meters',
      )
      await world.lab.db.query(
        `update pipi.meters set stated_limit = least(stated_limit, greatest(held + used + observed, standing + observed))`,
      )
      const { status, refusal } = await world.lab.carry('deploy', pagesOnly('more'), git())
      expect({ status, code: refusal?.code }).toEqual({ status: 'refused', code: 'lock.over-limit' })
      expect(Object.keys(await world.lab.meters())).toContain(refusal?.meter)
      expect(refusal?.holders?.map(({ workspace }) => workspace)).toContain('whole')
      expect(await world.things()).toEqual(before)
      await world.lab.db.query(
        `update pipi.meters m set stated_limit = k.stated_limit, limit_amount = k.limit_amount from public.kept k
       where k.cloud_account = m.cloud_account and k.meter = m.meter and k.scope = m.scope`,
      )
    })

    it('keeps what it has when a deployment fails in the middle, and the next one makes the rest', async () => {
      const before = await world.things()
      const { of, how, over } = await world.trouble('error', pagesTypes())
      const failed = await world.lab.carry('deploy', of ?? pagesOnly('troubled'), how ?? git())
      expect(failed.status).toBe('failed')
      expect(failed.error?.hint).toBeDefined()
      for (const thing of before) expect(await world.things()).toContainEqual(thing)
      await over?.()
      await succeeds('deploy', pagesOnly('troubled'))
      await isExact()
    })

    it('is cancelled in the middle, and what came of it is cleared up', async () => {
      await succeeds('destroy', pagesOnly('troubled'))
      const { of, how } = await world.trouble('hang', pagesTypes())
      const deployment = await world.lab.place('deploy', of ?? pagesOnly('troubled'), how ?? git())
      const ended = world.lab.handOver(deployment)
      await waitFor('a create to be under way', isBegun, { timeoutMs: 60_000 })
      await world.lab.db.query('update pipi.deployments set cancel_requested_at = now() where id = $1', [deployment])
      expect((await ended).status).toBe('cancelled')
      await succeeds('destroy', pagesOnly('troubled'))
      await isExact()
    })

    it('is destroyed but for data, which goes when it is named: then nothing is left, and nothing was charged', async () => {
      const data = (await last()).resources.filter(({ urn }) => urn.includes('::data'))
      const gone = await world.lab.carry('destroy', whole('papers'))
      if (data.length > 0) {
        expect(gone.status === 'succeeded' || gone.refusal?.code === 'guard.data-not-named').toBe(true)
        expect(await world.things()).not.toEqual([])
      }
      await succeeds('destroy', whole('papers'), { deleteData: true })
      expect(await world.things()).toEqual([])
      expect(await world.lab.meters()).toEqual({})
      expect(await world.lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
      expect(await world.bill()).toBe(0)
    })

    /** Each thing of the platform is of one resource, each resource that the ledger knows is there, and costs nothing. */
    async function isExact(): Promise<void> {
      const things = await world.things()
      expect(new Set(things.map(({ whose }) => whose)).size).toBe(things.length)
      const known = await world.lab.db.query<{ id: string }>('select id from pipi.resources order by id')
      expect(things.map(({ id }) => id).sort()).toEqual(known.map(({ id }) => id))
      expect(await world.bill()).toBe(0)
    }

    async function answers(deployment: Deployment, content: string, name = 'pages'): Promise<void> {
      const url = (deployment.outputs as Record<string, { url?: string }>)[name]?.url
      expect((await (await fetch(String(url))).text()).trim()).toBe(content)
    }

    async function last(): Promise<Deployment> {
      const [row] = await world.lab.db.query<{ id: string }>(
        `select d.id from pipi.deployments d join pipi.workspaces w on w.id = d.workspace where w.name = 'whole' order by d.position desc limit 1`,
      )
      return world.lab.handOver(row?.id ?? '')
    }

    /** What a deployment did, as its story tells; what was only planned may not be known before it is done. */
    async function changesOf(deployment: Deployment): Promise<{ urn: string; operation: string }[]> {
      const told = (await world.lab.story(deployment)).map(
        ({ data }) => data as { urn?: string; operation?: string; status?: string } | null,
      )
      return told.flatMap((data) =>
        data?.urn !== undefined &&
        data.operation !== undefined &&
        data.operation !== 'same' &&
        data.status !== 'planned'
          ? [{ urn: data.urn, operation: data.operation }]
          : [],
      )
    }

    function pagesTypes(): string[] {
      return first.resources.filter(({ urn }) => /::pages(-|$)/.test(urn)).map(({ type }) => type)
    }

    async function isBegun(): Promise<boolean> {
      return (await world.lab.db.query('select from pipi.intents where ended_at is null')).length > 0
    }
  })
}

function urnsOf(resources: readonly { urn: string }[]): string[] {
  return resources
    .map(({ urn }) => urn)
    .filter((urn) => !urn.includes('pulumi:pulumi:Stack') && !urn.includes('pulumi:providers:'))
    .sort()
}

function typesOf(things: readonly Thing[]): string[] {
  return things.map(({ type }) => type).sort()
}

/** The engine that is made up for this test, its facts checked today. */
async function tenth(folder: string): Promise<Pick<Seed, 'engines' | 'catalog'>> {
  const pack = join(import.meta.dirname, '../../fixtures/tenth')
  const catalog = join(folder, 'catalog')
  await mkdir(catalog)
  const facts = await readFile(join(pack, 'catalog/xte.yaml'), 'utf8')
  const today = new Date().toISOString().slice(0, 10)
  await writeFile(join(catalog, 'xte.yaml'), facts.replace(/^checked: .*$/m, `checked: '${today}'`))
  return { engines: join(pack, 'engines'), catalog }
}
