import { createParser } from 'eventsource-parser'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tellStory } from '../../../platform/store/story.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { DIGEST, MANIFEST } from '../commander/stage.ts'
import { useApi } from './stage.ts'

const use = useApi()
let count = 0

async function deploy(headers: Record<string, string> = {}, change: object = {}) {
  const payload = {
    kind: 'deploy',
    manifest: MANIFEST.replace('good', `site-${++count}`),
    source: { kind: 'upload', digest: DIGEST },
    engine: 'abc',
    ...change,
  }
  return use.api.inject({
    method: 'POST',
    url: '/v1/deployments',
    headers: { ...use.as('deployer'), ...headers },
    payload,
  })
}

describe('deployments over HTTP', () => {
  it('are answered 202 with their place, and look the same there', async () => {
    const answer = await deploy()
    expect(answer.statusCode).toBe(202)
    const made = answer.json()
    expect(made).toMatchObject({
      kind: 'deploy',
      status: 'accepted',
      engine: 'abc',
      outputs: {},
      resources: [],
      timings: { accepted: expect.any(String) },
    })
    expect((await use.api.inject({ url: String(answer.headers.location), headers: use.as('viewer') })).json()).toEqual(
      made,
    )
  })

  it('are one for one idempotency key', async () => {
    const change = { manifest: MANIFEST.replace('good', 'once') }
    const [first, second] = await Promise.all([
      deploy({ 'idempotency-key': 'same' }, change),
      deploy({ 'idempotency-key': 'same' }, change),
    ])
    expect(first.json().id).toBe(second.json().id)
    const other = await deploy({ 'idempotency-key': 'same' })
    expect(other.statusCode).toBe(409)
    expect(other.json()).toMatchObject({ code: 'conflict.key' })
  })

  it('are listed newest first, page by page, each once', async () => {
    for (let n = 0; n < 5; n++) await deploy()
    const seen: string[] = []
    let cursor = ''
    do {
      const page = (await use.api.inject({ url: `/v1/deployments?limit=2${cursor}`, headers: use.as('viewer') })).json()
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map((one: { id: string }) => one.id))
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(seen.length).toBeGreaterThanOrEqual(5)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })

  it('are refused by the lock as a deployment, not as an error', async () => {
    const answer = await deploy(
      {},
      { engine: 'xyz', manifest: MANIFEST.replace('good', 'no-carrier').replace('kind: site', 'kind: service') },
    )
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toMatchObject({ status: 'refused', refusal: { code: 'lock.no-carrier', resource: 'web' } })
  })

  it('end when they are cancelled in time', async () => {
    const { id } = (await deploy()).json()
    const answer = await use.api.inject({
      method: 'POST',
      url: `/v1/deployments/${id}/cancel`,
      headers: use.as('deployer'),
    })
    expect([answer.statusCode, answer.json().status]).toEqual([202, 'cancelled'])
  })
})

describe('the event stream', () => {
  /** Reads a stream as any client would, over a real connection. */
  async function watch(path: string, headers: Record<string, string> = {}) {
    if (!use.api.server.listening) await use.api.listen({ port: 0, host: '127.0.0.1' })
    const address = use.api.server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { ...use.as('viewer'), ...headers },
      signal: leaving.signal,
    })
    const events: { id: string; name: string; data: Record<string, unknown> }[] = []
    const parser = createParser({
      onEvent: (one) => events.push({ id: one.id ?? '', name: one.event ?? '', data: JSON.parse(one.data) }),
    })
    void (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }))
    })().catch(() => undefined)
    return { status: answer.status, events, leave: () => leaving.abort() }
  }

  it("tells a deployment's whole story from its beginning, then what happens, each once and in order", async () => {
    const { id } = (await deploy()).json()
    await tellStory(use.database.db, use.stage.account, id, [{ phase: 'accepted', level: 'info', text: 'one' }])
    const watcher = await watch(`/v1/events?deployment=${id}`)
    await waitFor('what was', () => watcher.events.length === 2)
    await tellStory(use.database.db, use.stage.account, id, [
      { phase: 'accepted', level: 'info', text: 'two' },
      { phase: 'accepted', level: 'warn', text: 'three' },
    ])
    await use.api.inject({ method: 'POST', url: `/v1/deployments/${id}/cancel`, headers: use.as('deployer') })
    await waitFor('what happened', () => watcher.events.length === 5)
    expect(watcher.events.map((one) => [one.name, one.data.text ?? one.data.status])).toEqual([
      ['status', 'accepted'],
      ['story', 'one'],
      ['story', 'two'],
      ['story', 'three'],
      ['status', 'cancelled'],
    ])
    const ids = watcher.events.map((one) => Number(one.id))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  it('goes on after the last event that was seen', async () => {
    const { id } = (await deploy()).json()
    await tellStory(use.database.db, use.stage.account, id, [{ phase: 'accepted', level: 'info', text: 'before' }])
    const first = await watch(`/v1/events?deployment=${id}`)
    await waitFor('what was', () => first.events.length === 2)
    first.leave()
    await tellStory(use.database.db, use.stage.account, id, [{ phase: 'accepted', level: 'info', text: 'meanwhile' }])
    const second = await watch(`/v1/events?deployment=${id}`, { 'last-event-id': first.events.at(-1)?.id ?? '' })
    await waitFor('what was missed', () => second.events.length === 1)
    expect(second.events[0]?.data.text).toBe('meanwhile')
  })

  it('without a deployment tells what happens from now on, in one account only', async () => {
    const watcher = await watch('/v1/events')
    const other = await watch('/v1/events', use.as('viewer', 'other'))
    const { id } = (await deploy()).json()
    await waitFor('the news', () => watcher.events.some((one) => one.data.deployment === id))
    expect(watcher.events.every((one) => one.data.deployment === id)).toBe(true)
    expect(other.events).toEqual([])
  })

  it('tells many watchers the same thousands of lines', async () => {
    const { id } = (await deploy()).json()
    const watchers = await Promise.all(Array.from({ length: 8 }, () => watch(`/v1/events?deployment=${id}`)))
    const lines = Array.from({ length: 1_500 }, (_, n) => ({
      phase: 'accepted' as const,
      level: 'info' as const,
      text: String(n),
    }))
    for (let at = 0; at < lines.length; at += 250)
      await tellStory(use.database.db, use.stage.account, id, lines.slice(at, at + 250))
    await waitFor('all of them', () => watchers.every((one) => one.events.length === 1_501))
    for (const watcher of watchers)
      expect(watcher.events.slice(1).map((one) => one.data.text)).toEqual(lines.map((line) => line.text))
  })
})
