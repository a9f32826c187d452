import { beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import { usePlatform } from './helpers/platform.ts'
import { sites } from './helpers/sites.ts'

const platform = usePlatform({ PIPI_ENGINES: 'dgo' })
const APP = 'digitalocean:index/app:App'
const APPS = 'do-static-sites.apps'

let at: Awaited<ReturnType<typeof sites>>
beforeAll(async () => {
  at = await sites()
})

interface Quota {
  items: { meter: string; limit: number; held: number; left: number; leftNext: number; observed: number }[]
  accounts: { engine: string; plan: string; switch: string }[]
}
interface Reconciled {
  cloudAccounts: { engine: string; differences: { kind: string; id: string; meter?: string; workspace?: string }[] }[]
}
interface Inventory {
  resources: { id: string; inputs: { spec: Record<string, unknown> } }[]
}

const quota = async () => (await platform.pipi('quota', '--json', '--all')).json<Quota>()
const apps = async () => (await quota()).items.find((line) => line.meter === APPS)
const inventory = async () => (await platform.pipi('sandbox', 'inventory', '--json')).json<Inventory>().resources
async function deploy(name: string, ...more: string[]) {
  return await platform.pipi('deploy', await at.manifest(name), '--git', at.url, '--engine', 'dgo', ...more)
}
async function reconcile() {
  const ended = await platform.pipi('quota', 'reconcile', '--json')
  expect(ended.code, ended.stderr).toBe(0)
  const { cloudAccounts } = ended.json<Reconciled>()
  return cloudAccounts.flatMap((one) => one.differences)
}

describe('the quota', () => {
  it('shows a bar for each limit that something is taken of, who holds it, until when, and the account above', async () => {
    expect((await deploy('here', '--ttl', '3d')).code).toBe(0)
    const { stdout } = await platform.pipi('quota')
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^dgo .*plan free-parts, armed .*, switch open, no money$/)
    expect(lines.find((line) => line.startsWith(APPS))).toMatch(/▓+░+ .*3 app.*here 1, until \d{4}-\d\d-\d\d/)
    expect(stdout).not.toContain('do-dns')
    expect((await platform.pipi('quota', '--all')).stdout).toContain('do-dns.domains')
    expect((await platform.pipi('quota', '--meter', 'transfer')).stdout).not.toContain(APPS)
  })

  it('says the same as one JSON document', async () => {
    const { items, accounts } = await quota()
    expect(items).toContainEqual(expect.objectContaining({ meter: APPS, limit: 3, held: 1, left: 2, observed: 0 }))
    expect(accounts).toMatchObject([{ engine: 'dgo', plan: 'free-parts', switch: 'open' }])
  })

  it('knows whether an account is what it claims to be once its platform was asked', async () => {
    const { code, stdout } = await platform.pipi('account', 'check', 'dgo')
    expect(code).toBe(0)
    expect(stdout).toContain('armed: yes')
  })
})

describe('quota reconcile', () => {
  it('finds nothing where ledger and platform say the same', async () => {
    expect(await reconcile()).toEqual([])
  })

  it('finds and counts what nobody of ours made: it takes the room of ours, and is told once', async () => {
    const [ours] = await inventory()
    const spec = JSON.stringify({ ...ours?.inputs.spec, name: 'a-stray' })
    const planted = await platform.pipi('sandbox', 'stray', '--cloud', 'dgo', '--type', APP, '--set', `spec=${spec}`)
    expect(planted.code, planted.stderr).toBe(0)
    const found = await reconcile()
    expect(found).toContainEqual(expect.objectContaining({ kind: 'stray', meter: APPS }))
    expect(await apps()).toMatchObject({ held: 1, observed: 1, left: 1 })
    expect(await reconcile()).toEqual([])
    expect((await deploy('there')).code).toBe(0)
    expect((await deploy('nowhere')).code).toBe(3)
  })

  it('gives back what was deleted behind our back', async () => {
    const ours = (await inventory()).find((one) => String(one.inputs.spec.name).startsWith('there-'))
    expect((await platform.pipi('sandbox', 'drift', ours?.id ?? '', '--delete')).code).toBe(0)
    expect(await reconcile()).toContainEqual(expect.objectContaining({ kind: 'missing', workspace: 'there' }))
    expect(await apps()).toMatchObject({ held: 1 })
    expect(await reconcile()).toEqual([])
  })
})

describe('a promised end', () => {
  it('is kept by the sandbox’s clock: the workspace is gone after it, unless it was extended', async () => {
    expect((await deploy('brief', '--ttl', '2d')).code).toBe(0)
    expect((await platform.pipi('extend', 'here', '--ttl', '9d')).code).toBe(0)
    expect((await platform.pipi('sandbox', 'clock', '+4d')).code).toBe(0)
    const status = async (name: string) => (await platform.pipi('status', name)).stdout
    await waitFor('the end of what was promised to end', async () => (await status('brief')).includes('runs nowhere'), {
      timeoutMs: 60_000,
    })
    expect(await status('here')).toMatch(/^here runs on dgo .*until /)
    expect(await inventory()).toHaveLength(2)
  })
})
