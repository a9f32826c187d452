import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { readRequest } from '../serving/http-request.ts'
import { type Listening, listen } from '../serving/listen.ts'
import type { Routes } from './routes.ts'

/** Serves routes as JSON on loopback to whoever shows the token. */
export function serveAdmin(routes: Routes, token: string, port: number): Promise<Listening> {
  return listen(port, (request, response) => void respond(routes, token, request, response))
}

async function respond(
  routes: Routes,
  token: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isToken(message.headers.authorization ?? '', `Bearer ${token}`)) {
      throw new PipiError('not-authenticated', "expected the sandbox's admin token as a bearer token")
    }
    const request = await readRequest(message)
    if (request === undefined) throw new PipiError('input.invalid', 'expected a smaller body')
    const route = routes[`${request.method} ${request.path}`]
    if (route === undefined)
      throw new PipiError(
        'not-found',
        `there is no ${request.method} ${request.path}; there are ${Object.keys(routes).join(', ')}`,
      )
    const answer = await route({
      query: Object.fromEntries(new URLSearchParams(request.query)),
      body: parsed(request.body),
    })
    write(response, 200, 'application/json', answer)
  } catch (error) {
    const problem = problemOf(error)
    write(response, problem.kind.status, 'application/problem+json', {
      title: problem.kind.title,
      status: problem.kind.status,
      ...problem.toJSON(),
    })
  }
}

function problemOf(error: unknown): PipiError {
  if (!(error instanceof z.ZodError)) return PipiError.from(error)
  const problems = error.issues.map((issue) => ({ message: issue.message, path: issue.path.join('.') }))
  return new PipiError('input.invalid', `the request is not valid: ${z.prettifyError(error)}`, { problems })
}

function parsed(body: Uint8Array): unknown {
  if (body.byteLength === 0) return {}
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw new PipiError('input.invalid', 'expected JSON', { cause })
  }
}

/** Hashes first: comparing takes equally long for every wrong token. */
function isToken(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function write(response: ServerResponse, status: number, type: string, body: unknown): void {
  response.writeHead(status, { 'content-type': type })
  response.end(JSON.stringify(body))
}
