import { expect, it } from 'vitest'
import { clientOf } from '../../../platform/cli/client.ts'
import { events } from '../../../platform/cli/events.ts'
import { serveHttp } from './http-server.ts'

it('go on after the last one seen when the connection breaks, and miss none', async () => {
  const asked: (string | undefined)[] = []
  const url = await serveHttp((request, response) => {
    const last = request.headers['last-event-id'] as string | undefined
    asked.push(last)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const next = Number(last ?? 0) + 1
    // An event cut in two, then the connection breaks.
    response.write(`id: ${next}\nevent: story\nda`)
    setImmediate(() => {
      response.write(`ta: {"n":${next}}\n\n`)
      setImmediate(() => response.destroy())
    })
  })
  const leaving = new AbortController()
  const seen: unknown[] = []
  for await (const event of events(clientOf(url, 't'), '/v1/events', leaving.signal)) {
    if (event.name === 'story') seen.push(event.data.n)
    if (seen.length === 3) leaving.abort()
  }
  expect(seen).toEqual([1, 2, 3])
  expect(asked).toEqual([undefined, '1', '2'])
})

it('end at once when the platform says no', async () => {
  const url = await serveHttp((_, response) => response.writeHead(404).end('{"code":"not-found","detail":"no such"}'))
  const first = events(clientOf(url, 't'), '/v1/events', new AbortController().signal).next()
  await expect(first).rejects.toMatchObject({ code: 'not-found' })
})

it('end quietly when the reader leaves', async () => {
  const url = await serveHttp((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': hello\n\n')
  })
  const leaving = new AbortController()
  for await (const event of events(clientOf(url, 't'), '/v1/events', leaving.signal)) {
    expect(event.name).toBe('connected')
    leaving.abort()
  }
})
