import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../helpers/wait-for.ts'
import { usePlatform } from './helpers/platform.ts'

const DAY = 86_400_000

interface Account {
  switch: string
  switchWhy?: string
}
interface JournalRecord {
  event: string
  workspace?: string
  data: Record<string, unknown>
}

describe('visitors beyond what is free', () => {
  const platform = usePlatform({ PIPI_ENGINES: 'aws' })
  let url: string
  let token: string
  beforeAll(async () => {
    token = (await readFile(join(platform.data, 'owner-token'), 'utf8')).trim()
    const ended = await platform.pipi('deploy', 'examples/research-site', '--engine', 'aws', '--json')
    expect(ended.code, ended.stderr).toBe(0)
    const { outputs } = ended.json<{ outputs: Record<string, { url?: string }> }>()
    url = Object.values(outputs).find((one) => one.url !== undefined)?.url ?? ''
  })

  async function api<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${platform.url}/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const account = async () => (await api<{ items: Account[] }>('/cloud-accounts?cloud=aws')).items[0] as Account
  const events = async () => (await api<{ items: JournalRecord[] }>('/journal?limit=1000')).items
  const bill = async () => (await platform.pipi('sandbox', 'bill', '--json')).json<{ total: number }>().total
  const status = async () => (await fetch(url)).status
  async function visitors(requests: number): Promise<void> {
    const { items } = await api<{ items: { id: string }[] }>('/workspaces')
    await api('/sandbox/visitors', { stacks: { [items[0]?.id ?? '']: requests }, ms: 30 * DAY })
  }

  it('answers them while there is room', async () => {
    expect(await status()).toBe(200)
    await visitors(20_000)
    expect((await platform.pipi('sandbox', 'clock', '+1h')).code).toBe(0)
    await waitFor('the reading', async () =>
      (await api<{ items: { meter: string; reading?: number }[] }>('/quota?cloud=aws')).items.some(
        (line) => line.meter === 'aws-lambda.requests' && (line.reading ?? 0) >= 20_000,
      ),
    )
    expect((await account()).switch).toBe('open')
  })

  it('warns, turns the switch and lets nothing burn any more, in time', async () => {
    await visitors(940_000)
    await platform.pipi('sandbox', 'clock', '+1h')
    await waitFor('the kill switch', async () => (await account()).switch === 'suspended')
    await waitFor('the function to be throttled', async () => (await status()) >= 400)
    const told = (await events()).map(({ event }) => event)
    expect(told.indexOf('meter.warning')).toBeGreaterThan(-1)
    expect(told.indexOf('switch.suspended')).toBeGreaterThan(told.indexOf('meter.warning'))
    expect((await account()).switchWhy).toContain('aws-lambda.requests')
    await waitFor('the suspend to end', async () =>
      (await events()).some(({ event, data }) => event === 'deployment.succeeded' && data.kind === 'suspend'),
    )
    expect(await bill()).toBe(0)
  })

  it('turns later visitors away uncounted, and makes nothing new', async () => {
    await visitors(500_000)
    for (let n = 0; n < 3; n++) expect(await status()).toBe(429)
    const refused = await platform.pipi('deploy', 'examples/research-site', '--engine', 'aws', '--json')
    expect(refused.code).toBe(3)
    expect(refused.json<{ refusal: { code: string } }>().refusal.code).toBe('lock.stopped')
    expect(await bill()).toBe(0)
  })

  it('says all of it in its metrics', async () => {
    const metrics = await (
      await fetch(`${platform.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    ).text()
    expect(metrics).toMatch(/pipi_switch\{engine="aws",cloud_account="\d+"\} 2/)
    expect(metrics).toMatch(/pipi_meter_share\{[^}]*meter="aws-lambda\.requests"[^}]*\} 0\.9/)
  })

  it('comes back in the next month, when its owner says so', async () => {
    await platform.pipi('sandbox', 'clock', '+32d')
    const resumed = await platform.pipi('account', 'resume', 'aws', '--json')
    expect(resumed.code, resumed.stderr).toBe(0)
    await waitFor('the site to be back', async () => (await status()) === 200, { timeoutMs: 60_000 })
    expect((await account()).switch).toBe('open')
    expect(await bill()).toBe(0)
  })
})
