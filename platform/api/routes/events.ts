import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { getDeployment } from '../../store/get-deployment.ts'
import { callerOf } from '../authenticate.ts'
import type { WatchedEvent } from '../event-hub.ts'
import { printableSchema } from '../page.ts'
import type { Routes } from './index.ts'

/** A comment now and then, so that proxies and clients know that the stream lives, milliseconds. */
const HEARTBEAT_MS = 15_000
const MAX_STREAMS = 500

export const eventRoutes: Routes = (api, context) => {
  const streams = new Set<AbortController>()
  // Streams never end by themselves: a closing server would wait for them.
  api.addHook('preClose', async () => {
    for (const stream of streams) stream.abort()
  })

  api.get(
    '/v1/events',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What happens, as server-sent events `status` and `story`',
        description:
          'With `deployment`: its whole story from the beginning. Without: what happens from now on. `Last-Event-ID` (or `after`) goes on where a stream broke off.',
        querystring: z.object({
          deployment: printableSchema.optional(),
          after: z.coerce.number().int().min(0).optional(),
        }),
        headers: z.object({
          'last-event-id': z
            .string()
            .regex(/^\d{1,16}$/, 'an id of this stream')
            .optional(),
        }),
      },
    },
    async (request, reply) => {
      const { account } = callerOf(request)
      const { deployment, after } = request.query
      if (deployment !== undefined && !(await getDeployment(context.db, account, deployment))) {
        throw new PipiError('not-found', `no deployment has the id ${deployment}`)
      }
      if (streams.size >= MAX_STREAMS)
        throw new PipiError('platform.busy', `${MAX_STREAMS} watchers are connected already`)
      const lastId = request.headers['last-event-id']
      const from =
        lastId === undefined
          ? (after ?? (deployment === undefined ? await context.events.latest() : 0))
          : Number(lastId)

      const stream = new AbortController()
      streams.add(stream)
      reply.hijack()
      const { raw } = reply
      raw.on('close', () => stream.abort())
      raw.on('error', () => stream.abort())
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        connection: 'keep-alive',
      })
      raw.write('retry: 500\n\n')
      const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS)
      try {
        for await (const events of context.events.follow({ account, deployment }, from, stream.signal)) {
          await send(raw, events, stream.signal)
        }
      } catch (error) {
        // The head is sent: all we can do is end it, and the watcher comes again after its last id.
        if (!stream.signal.aborted) context.log('warn', `an event stream broke: ${PipiError.from(error).message}`)
      } finally {
        clearInterval(heartbeat)
        streams.delete(stream)
        raw.end()
      }
    },
  )
}

/** Waits when the watcher is slower than the events. */
async function send(raw: ServerResponse, events: WatchedEvent[], signal: AbortSignal): Promise<void> {
  const text = events
    .map((event) => `id: ${event.seq}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`)
    .join('')
  if (raw.write(text) || signal.aborted) return
  await once(raw, 'drain', { signal }).catch(() => undefined)
}
