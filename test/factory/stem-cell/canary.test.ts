import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as pulumi from '@pulumi/pulumi'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ProgramModule } from '../../../engines/contract/engine.ts'
import { processesOf } from '../../helpers/leaks.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { filesThatHold, holds } from '../../helpers/traces.ts'
import { mover, openTrapLab, THING, type TrapLab } from './trap-lab.ts'

/** One for each way in which a program comes by a secret. */
const CANARIES = {
  configuration: 'canary-of-the-configuration',
  input: 'canary-of-an-input',
  nested: 'canary-in-a-map',
  listed: 'canary-in-a-list',
  archived: 'canary-in-an-archive',
  lines: '-----BEGIN CANARY-----\nfirst "line" of it\nsecond line of it\n-----END CANARY-----',
  derived: 'canary-of-an-apply',
}

class Thing extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>
  constructor(name: string, inputs: Record<string, unknown>) {
    super(THING, name, { address: undefined, ...inputs })
  }
}

/** Everything of it is secret but the name, which the environment gives. */
const site: ProgramModule<'site'> = {
  kind: 'site',
  pack: async (built) => ({ travels: 'folder', path: built.path, digest: built.digest }),
  declare({ environment }) {
    const key = pulumi.secret(CANARIES.derived)
    const thing = new Thing('thing', {
      name: environment.THING_NAME,
      size: environment.SIZE,
      count: 1,
      password: pulumi.secret(CANARIES.input),
      env: { TOKEN: pulumi.secret(CANARIES.nested), MODE: 'on' },
      list: [pulumi.secret(CANARIES.listed), 'open'],
      key: pulumi.secret(CANARIES.lines),
      code: pulumi.secret(
        new pulumi.asset.AssetArchive({ 'env.json': new pulumi.asset.StringAsset(`{"T":"${CANARIES.archived}"}`) }),
      ),
      url: pulumi.interpolate`https://user:${key}@host`,
    })
    new Thing('heir', { name: `${environment.THING_NAME}-heir`, inherited: pulumi.all([thing.address, key]) })
    return { url: '', login: pulumi.interpolate`${thing.address}:${key}` }
  },
}

describe('a secret of a program', () => {
  let lab: TrapLab
  let folder: string
  const console = vi.spyOn(globalThis.console, 'error')
  const seen: string[] = []
  beforeAll(async () => {
    folder = await tempFolder()
    lab = await openTrapLab(folder)
    Object.assign(lab.engine, { programs: { site } })
    Object.assign(lab.engine.dna.config, { token: CANARIES.configuration })
    const rule = lab.engine.rules[THING]
    // Ours changes secrets' neighbours as well: what a rule fills in, and what makes a thing stand still.
    Object.assign(rule ?? {}, {
      safe: (inputs: Record<string, unknown>) => ({ filled: 'in', ...inputs }),
      suspended: (inputs: Record<string, unknown>) => ({ ...inputs, count: 0, list: [] }),
    })
    // What a neighbour on the host can see of the processes, while they run.
    lab.onOutcome(async () => {
      for (const { pid, command } of processesOf('PIPI_STACK=')) {
        seen.push(command)
        try {
          seen.push(readFileSync(`/proc/${pid}/environ`, 'latin1'))
        } catch {
          // It ended meanwhile.
        }
      }
    })
  })
  afterAll(async () => {
    console.mockRestore()
    await lab?.close()
  })

  const thing = (name: string, size = 'small') => {
    const made = mover('canary', name)
    for (const component of made.components) Object.assign(component.env, { SIZE: size })
    return made
  }

  /** Every row of every table that is ours, with its name; or of the simulated cloud's own. */
  async function rows(whose: 'ours' | 'the platform' = 'ours'): Promise<{ table: string; text: string }[]> {
    const schemas = whose === 'ours' ? `not in ('pg_catalog', 'information_schema', 'sandbox')` : `= 'sandbox'`
    const tables = await lab.db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname ${schemas}`,
    )
    const all = await Promise.all(
      tables.map(async ({ name }) => {
        const found = await lab.db.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`)
        return found.map(({ text }) => ({ table: name, text }))
      }),
    )
    return all.flat()
  }

  it('lives through everything a deployment does', async () => {
    const deploy = async (name: string, size?: string) => lab.carry('deploy', thing(name, size), { source: lab.source })
    const first = await deploy('one')
    expect(first.error ?? first.refusal).toBeUndefined()
    expect((await deploy('one', 'other')).status).toBe('succeeded')
    expect((await deploy('two')).status).toBe('succeeded')
    expect((await lab.carry('suspend', thing('two'))).status).toBe('succeeded')
    expect((await lab.carry('resume', thing('two'))).status).toBe('succeeded')
    expect((await lab.carry('preview', thing('three'), { source: lab.source })).status).toBe('succeeded')
    expect((await lab.carry('refresh', thing('two'))).status).toBe('succeeded')
    const refused = await deploy('four', 'refused')
    // The platform's own words repeat all it was given.
    expect(refused).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('QuotaExceeded') } })
    expect(await lab.things()).toEqual(expect.arrayContaining(['two']))
  })

  it('reaches the platform', async () => {
    const cloud = Buffer.from((await rows('the platform')).map(({ text }) => text).join('\n'))
    for (const [what, canary] of Object.entries(CANARIES))
      if (what !== 'configuration' && what !== 'archived') expect([what, holds(cloud, canary)]).toEqual([what, true])
  })

  it.each(Object.entries(CANARIES))('is nowhere else: %s', async (_what, canary) => {
    const leaks = (await rows()).filter(({ text }) => holds(Buffer.from(text), canary))
    expect(leaks.map(({ table, text }) => `${table}: ${text.slice(0, 300)}`)).toEqual([])
    expect(await filesThatHold(join(folder, 'clone'), canary)).toEqual([])
    expect(seen.length).toBeGreaterThan(0)
    expect(holds(Buffer.from(seen.join('\n')), canary)).toBe(false)
    expect(holds(Buffer.from(JSON.stringify(console.mock.calls)), canary)).toBe(false)
  })

  it('and it would have been found: what is no secret is, in the state, the intents and the story', async () => {
    const found = (await rows()).filter(({ text }) => holds(Buffer.from(text), 'two-heir')).map(({ table }) => table)
    expect(found).toEqual(expect.arrayContaining(['pipi.intents', 'pulumi_trp.trp_state']))
  })

  it('that a resource would go by at the platform is refused, since that has to be written down', async () => {
    const hidden: ProgramModule<'site'> = {
      ...site,
      declare: () => ({ url: '', thing: void new Thing('hidden', { name: pulumi.secret('canary-as-a-name') }) }),
    }
    Object.assign(lab.engine, { programs: { site: hidden } })
    const before = await lab.changes()
    const refused = await lab.carry('deploy', mover('hidden', 'x'), { source: lab.source })
    expect(refused).toMatchObject({ status: 'refused', refusal: { code: 'lock.unsafe-input', resource: 'hidden' } })
    expect(await lab.changes()).toEqual(before)
    expect((await rows()).filter(({ text }) => holds(Buffer.from(text), 'canary-as-a-name'))).toEqual([])
  })
})
