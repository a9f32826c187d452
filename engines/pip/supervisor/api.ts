import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { ContainerWalls } from './container-walls.ts'
import type { Databases } from './databases/databases.ts'
import { databaseSpecSchema } from './databases/spec.ts'
import type { Processes } from './processes.ts'
import type { PublicNames } from './public-names.ts'
import type { Releases } from './releases.ts'
import { digestSchema, processSpecSchema, slugSchema, storeSpecSchema } from './spec.ts'
import type { Stores } from './stores.ts'

export interface Api {
  port: number
  close(): Promise<void>
}

export interface ApiOrder {
  processes: Processes
  stores: Stores
  databases: Databases
  releases: Releases
  names: PublicNames
  walls: ContainerWalls
  token: string
  /** Taken when it is free; 0: any. */
  port: number
}

const BODY_BYTES = 2 * 1024 ** 2

/**
 * The supervisor's HTTP API on loopback: `/processes`, `/stores` and `/databases` with `/<name>`, and `/releases/<process>/<digest>`,
 * which is there when that release can be run without its source. Errors are `{code, message, hint, data}`.
 */
export async function serveApi(order: ApiOrder): Promise<Api> {
  const server = createServer((request, response) => {
    answer(order, request).then(
      (body) =>
        send(
          response,
          body === undefined ? 404 : 200,
          body ?? { code: 'not-found', message: 'There is no such thing' },
        ),
      (error: unknown) => {
        const ours = toOurs(error)
        send(response, ours.kind.status, ours.toJSON())
      },
    )
  })
  // A create waits until its process is healthy.
  server.requestTimeout = 0
  await listen(server, order.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    return listen(server, 0)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeIdleConnections()
      // Whoever waits for a start is not kept waiting: the start is given up.
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function answer(order: ApiOrder, request: IncomingMessage): Promise<unknown> {
  const { processes, stores, databases, releases, names, walls, token } = order
  if (!isBearer(request.headers.authorization, token)) {
    throw new PipiError('not-authenticated', 'No valid token', { hint: "It lies in the supervisor's folder." })
  }
  const [noun, name = '', part = ''] = (request.url ?? '/').slice(1).split('/').map(decodeURIComponent)
  switch (`${request.method} ${noun}`) {
    case 'GET processes':
      return name === '' ? processes.all() : processes.get(name)
    case 'PUT processes':
      return processes.set(named(processSpecSchema.parse(await body(request)), name))
    case 'DELETE processes':
      await processes.remove(slugSchema.parse(name))
      return {}
    case 'GET names':
      return names.state()
    case 'GET walls':
      return walls.state()
    case 'GET stores':
      return name === '' ? stores.all() : stores.get(name)
    case 'PUT stores':
      return stores.set(named(storeSpecSchema.parse(await body(request)), name))
    case 'DELETE stores':
      await removeStore(order, slugSchema.parse(name))
      return {}
    case 'GET postgres':
      return databases.state()
    case 'GET databases':
      return name === '' ? databases.all() : databases.get(name)
    case 'PUT databases':
      return databases.set(named(databaseSpecSchema.parse(await body(request)), name))
    case 'DELETE databases':
      await databases.remove(slugSchema.parse(name))
      return {}
    case 'GET releases': {
      const release = { name: slugSchema.parse(name), digest: digestSchema.parse(part) }
      return (await releases.digestNow(release)) === release.digest ? { kept: true } : undefined
    }
  }
  return undefined
}

async function removeStore({ processes, stores }: ApiOrder, name: string): Promise<void> {
  const users = processes.usersOf(name)
  if (users.length > 0) {
    throw new PipiError('conflict.state', `The store ${name} is still used by ${users.join(', ')}`, {
      hint: 'Remove what uses it first.',
    })
  }
  await stores.remove(name)
}

function named<T extends { name: string }>(spec: T, name: string): T {
  if (spec.name === name) return spec
  throw new PipiError('input.invalid', `The path names ${name}, the body ${spec.name}`)
}

async function body(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? BODY_BYTES + 1) > BODY_BYTES) {
    throw new PipiError('input.invalid', `A body of at most ${BODY_BYTES} bytes was expected`)
  }
  return json(request)
}

function toOurs(error: unknown): PipiError {
  if (error instanceof z.ZodError) return new PipiError('input.invalid', z.prettifyError(error))
  if (error instanceof SyntaxError || error instanceof URIError) return new PipiError('input.invalid', error.message)
  return PipiError.from(error)
}

export function isBearer(header: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}
