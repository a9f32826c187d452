import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { type Lab, manifest, openLab } from '../../factory/stem-cell/clone.ts'
import { keepBase, plainBase } from '../../helpers/base-image.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { repository } from '../dgo/repository.ts'

const IMAGE = 'gcp-own:registry:Image'
const STORAGE = 'gcp-artifact-registry.storage'
/** More than one call of an API may carry elsewhere. */
const BASE_BYTES = 7_000_000
const PATIENCE_MS = 120_000

interface Shown {
  type: string
  id: string
  urn: string
  inputs: { bytes: number }
}

describe('a container on ggc', { timeout: PATIENCE_MS }, () => {
  let lab: Lab
  let source: Awaited<ReturnType<typeof repository>>
  let base: string
  beforeAll(async () => {
    lab = await openLab('ggc', await tempFolder('container'))
    base = await keepBase(lab.seed.artifacts, await plainBase(BASE_BYTES))
    source = await repository({ 'server.js': saying('one') })
  }, PATIENCE_MS)
  afterAll(() => lab?.close(), PATIENCE_MS)

  const web = () =>
    manifest(
      [
        {
          ...{ name: 'web', kind: 'container', path: 'site', base, command: ['node', 'server.js'] },
          ...{ env: { GREETING: 'hello' }, health: '/up' },
        },
      ],
      'contained',
    )
  const git = (commit?: string) => ({
    git: { url: source.url, ref: 'main', path: '.', ...(commit === undefined ? {} : { commit }) },
  })

  it('answers, takes another commit as another image beside which the old one goes, and leaves nothing', async () => {
    // The registry's answer to the whole image is lost: it is there, and is not made twice.
    await lab.admin('/fault', { kind: 'error', moment: 'after', type: IMAGE, operation: 'create', count: 1 })
    const first = await succeeds('deploy')
    expect(await textOf(first)).toBe('one hello')
    const pushed = (await callsOf('create')).filter(({ type }) => type === IMAGE)
    expect(pushed.map(({ outcome }) => outcome)).toEqual(['failed'])
    const [one] = await isExact()
    expect(one?.id).toMatch(/^us-central1-docker\.pkg\.dev\/pipi-sandbox-412907\/.+\/app@sha256:[0-9a-f]{64}$/)
    expect(one?.inputs.bytes).toBeGreaterThan(BASE_BYTES)

    // The same commit is the same image.
    await succeeds('deploy')
    expect(await isExact()).toEqual([one])

    await source.push({ 'server.js': saying('two') })
    const second = await succeeds('deploy')
    expect(await textOf(second)).toBe('two hello')
    const [two] = await isExact()
    expect(two?.id).not.toBe(one?.id)

    const back = await lab.carry('rollback', web(), { ...git(source.commit), goesBackTo: first.id })
    expect(back.error ?? back.refusal).toBeUndefined()
    expect(await textOf(back)).toBe('one hello')
    expect(await isExact()).toMatchObject([{ id: one?.id }])

    await succeeds('destroy')
    expect((await lab.admin('/inventory')).resources).toEqual([])
    expect(await lab.meters()).toEqual({})
    expect(await lab.db.query('select from pipi.intents where ended_at is null')).toEqual([])
    expect(await bill()).toBe(0)
  })

  it('is refused while its image would not fit the free storage, before a byte of it is sent', async () => {
    await lab.db.query('update pipi.meters set stated_limit = 0.001, limit_amount = 0.001 where meter = $1', [STORAGE])
    const before = await callsOfRegistry()
    const { status, refusal } = await lab.carry('deploy', web(), git())
    expect({ status, code: refusal?.code, meter: refusal?.meter }).toEqual({
      status: 'refused',
      code: 'lock.over-limit',
      meter: STORAGE,
    })
    expect((await lab.admin('/inventory')).resources).toEqual([])
    expect(await callsOfRegistry()).toBe(before)
  })

  async function succeeds(kind: 'deploy' | 'destroy'): Promise<Deployment> {
    const done = await lab.carry(kind, web(), git())
    expect(done.error ?? done.refusal).toBeUndefined()
    expect(done.status).toBe('succeeded')
    return done
  }

  /** One image, whose bytes are what the ledger holds; each thing is one resource's, and nothing is to pay. */
  async function isExact(): Promise<Shown[]> {
    const { resources } = (await lab.admin('/inventory')) as { resources: Shown[] }
    expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length)
    const known = await lab.db.query<{ id: string }>('select id from pipi.resources')
    expect(resources.map(({ id }) => id).sort()).toEqual(known.map(({ id }) => id).sort())
    const images = resources.filter(({ type }) => type === IMAGE)
    expect(images).toHaveLength(1)
    const [held] = await lab.db.query<{ amount: number }>(
      `select sum(amount)::float8 as amount from pipi.holdings where meter = $1 and state <> 'released'`,
      [STORAGE],
    )
    expect(held?.amount).toBeCloseTo(Math.ceil((images[0]?.inputs.bytes ?? 0) / 1000) / 1e6, 9)
    expect(await bill()).toBe(0)
    return images
  }

  async function bill(): Promise<number> {
    return ((await lab.admin('/bill')) as { total: number }).total
  }

  async function callsOf(operation: string): Promise<{ type: string; outcome: string }[]> {
    const told = await lab.admin(`/calls?operation=${operation}&limit=10000`)
    return (told as { calls: { type: string; outcome: string }[] }).calls
  }

  async function callsOfRegistry(): Promise<number> {
    return (await callsOf('api')).filter(({ type }) => type.includes('docker.pkg.dev')).length
  }
})

function saying(text: string): string {
  return `require('node:http')
    .createServer((request, response) => response.end('${text} ' + process.env.GREETING))
    .listen(process.env.PORT)`
}

async function textOf(deployment: Deployment): Promise<string> {
  const { url } = (deployment.outputs as Record<string, { url?: string }>).web ?? {}
  return (await fetch(String(url))).text()
}
