import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Asset, Secret } from '../../../../stacks/wire/values.ts'
import { portIsFree } from '../../../helpers/free-port.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { ADDRESS, archive, FUNCTION, SITE, useSandbox } from '../use-sandbox.ts'

const sandbox = useSandbox({ idleMs: 1_500 })

describe('what is served', () => {
  it('answers with the files of the zip that was uploaded, and with nothing else', async () => {
    const zip = await archive({
      'public/index.html': '<h1>one</h1>',
      'public/a/index.html': 'a',
      'public/404.html': 'lost',
      'private.txt': 'no',
    })
    const { id, outputs } = await sandbox.cloud.create(SITE, 'a', { zip })
    expect(outputs.zip).toEqual(zip)
    const url = String(outputs.url)
    const home = await fetch(url)
    expect(await home.text()).toBe('<h1>one</h1>')
    expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await (await fetch(`${url}a/`)).text()).toBe('a')
    for (const path of ['private.txt', '..%2fprivate.txt', '%2e%2e/private.txt', 'a/..%2f..%2fprivate.txt', '%zz']) {
      expect((await fetch(url + path)).status).toBeGreaterThanOrEqual(400)
    }
    expect(await (await fetch(`${url}nothing`)).text()).toBe('lost')
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)

    const next = await archive({ 'public/index.html': '<h1>two</h1>' })
    const updated = await sandbox.cloud.update(SITE, id, { zip }, { zip: next })
    expect(updated.url).toBe(url)
    expect(await (await fetch(url)).text()).toBe('<h1>two</h1>')

    await sandbox.reopen()
    expect(await (await fetch(url)).text()).toBe('<h1>two</h1>')
    await sandbox.cloud.delete(SITE, id)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('turns everybody away where it is shut, counts none of them, and comes back', async () => {
    const zip = await archive({ 'public/index.html': 'open' })
    const { id, outputs } = await sandbox.cloud.create(SITE, 'a', { zip })
    const url = String(outputs.url)
    await fetch(url)
    await sandbox.cloud.update(SITE, id, { zip }, { zip, offline: true })
    const away = await fetch(url)
    expect([away.status, await away.text()]).toEqual([503, 'offline\n'])
    await sandbox.process.admin('POST', '/visitors', { requests: 3, monthly: 1_000 })
    expect(Object.values((await sandbox.inventory())[0]?.usage ?? {})).toMatchObject([{ requests: 1 }])
    await sandbox.cloud.update(SITE, id, { zip, offline: true }, { zip })
    expect(await (await fetch(url)).text()).toBe('open')
  })

  it('stops for the rest of the day when its platform’s own quota is used up, by visitors too, and counts no more', async () => {
    const zip = await archive({ 'public/index.html': 'x'.repeat(100) })
    const { outputs } = await sandbox.cloud.create(SITE, 'a', { zip, bytesADay: 250 })
    const url = String(outputs.url)
    const status = async () => (await fetch(url)).status
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 403])
    await sandbox.process.admin('POST', '/clock', { forward: '1d' })
    await sandbox.process.admin('POST', '/visitors', { requests: 1, monthly: 1_000 })
    expect(await status()).toBe(403)
    const served = Object.values((await sandbox.inventory())[0]?.usage ?? {})
    expect(served.reduce((sum, one) => sum + one.egressBytes, 0)).toBe(550)
  })

  it('refuses an artifact that was never uploaded, and one that is not there', async () => {
    await expect(sandbox.cloud.create(FUNCTION, 'a', { name: 'fn', code: 'f'.repeat(64) })).rejects.toThrow(
      /never uploaded/,
    )
    const missing = new Asset('archive', { path: join(sandbox.dataFolder, 'missing.zip'), hash: 'x' })
    await expect(sandbox.cloud.create(SITE, 'a', { zip: missing })).rejects.toThrow(/no such file/)
    expect(await sandbox.inventory()).toEqual([])
  })

  it('runs a handler in a process of its own, reached through its alias, and leaves nothing', async () => {
    const code = await archive({
      'main.mjs': `export default async ({ method, path }) =>
        [method, path, process.env.GREETING, process.pid].join(' ')`,
    })
    await expect(sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })).rejects.toThrow(/ResourceNotFound/)
    const made = await sandbox.cloud.create(FUNCTION, 'fn', {
      name: 'fn',
      code,
      environment: { GREETING: new Secret('hello-secret') },
    })
    expect(made.outputs.environment).toEqual({ GREETING: new Secret('hello-secret') })
    const address = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const url = String(address.outputs.url)
    const text = await (await fetch(`${url}x/y?z=1`)).text()
    expect(text).toMatch(/^GET \/x\/y hello-secret \d+$/)
    const pid = Number(text.split(' ').at(-1))
    expect((await fetch(url)).status).toBe(200)
    const shown = (await sandbox.inventory()).find((one) => one.type === FUNCTION)
    expect(Object.values(shown?.usage ?? {})).toMatchObject([{ requests: 2 }])
    expect(Object.values(shown?.usage ?? {})[0]?.egressBytes).toBeGreaterThan(10)

    await sandbox.reopen()
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect((await fetch(url)).status).toBe(200)
    await sandbox.cloud.delete(ADDRESS, address.id)
    await sandbox.cloud.delete(FUNCTION, made.id)
    expect(await portIsFree(Number(new URL(url).port))).toBe(true)
    expect(readdirSync(join(sandbox.dataFolder, 'run'))).toEqual([])
    expect(readdirSync(join(sandbox.dataFolder, 'unpacked'))).toEqual([])
  })

  it('answers 502 with the reason when the handler is broken', async () => {
    const code = await archive({ 'main.mjs': 'throw new Error("broken on purpose")' })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const response = await fetch(String(outputs.url))
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('broken on purpose')
  })

  it('throttles what comes at once beyond the concurrency, and gives up on what takes too long', async () => {
    const code = await archive({
      'main.mjs': `const waiting = []
        export default async ({ path }) => {
          if (path === '/wait') await new Promise((resolve) => waiting.push(resolve))
          for (const resolve of waiting.splice(0)) resolve()
          return 'done'
        }`,
    })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code, concurrency: 1, timeoutMs: 1_000 })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const url = String(outputs.url)
    const first = fetch(`${url}wait`)
    await waitFor('a request to be throttled', async () => (await fetch(url)).status === 429)
    expect((await first).status).toBe(504)
    expect(await (await fetch(url)).text()).toBe('done')
  })

  it('stops a handler that nobody asks, and starts it again for the next request', async () => {
    const code = await archive({ 'main.mjs': 'export default async () => String(process.pid)' })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    const pid = Number(await (await fetch(String(outputs.url))).text())
    await waitFor('the idle handler to end', () => !existsSync(`/proc/${pid}`))
    expect(Number(await (await fetch(String(outputs.url))).text())).not.toBe(pid)
  })

  it('answers again when its process died', async () => {
    const code = await archive({
      'main.mjs': 'export default async ({ path }) => path === "/die" ? process.exit(3) : "alive"',
    })
    await sandbox.cloud.create(FUNCTION, 'fn', { name: 'fn', code })
    const { outputs } = await sandbox.cloud.create(ADDRESS, 'url', { functionName: 'fn' })
    expect((await fetch(`${outputs.url}die`)).status).toBe(502)
    expect(await (await fetch(String(outputs.url))).text()).toBe('alive')
  })
})
