import { z } from 'zod'
import { ERRORS, type ErrorCode, PipiError } from '../../../catalog/errors.ts'
import { moveLedgerClock } from '../../store/ledger-clock.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const READS = ['inventory', 'bill', 'calls'] as const
const WRITES = ['clock', 'fault', 'drift', 'stray', 'stale', 'visitors'] as const
const clockSchema = z.object({ offsetMs: z.number() })
/** Visitors are real requests, some of them cold starts. */
const TIMEOUT_MS = 120_000

/** The sandbox's admin API, passed through for the owner. */
export const sandboxRoutes: Routes = (api, context) => {
  for (const verb of READS) {
    api.get(
      `/v1/sandbox/${verb}`,
      {
        config: { access: 'owner' },
        schema: {
          summary: `The simulated clouds: ${verb}`,
          querystring: z.record(z.string(), z.string().max(200)),
          response: { 200: z.unknown(), default: problemResponse },
        },
      },
      async (request) => pass('GET', `${verb}?${new URLSearchParams(request.query)}`),
    )
  }
  for (const verb of WRITES) {
    api.post(
      `/v1/sandbox/${verb}`,
      {
        config: { access: 'owner' },
        schema: {
          summary: `The simulated clouds: ${verb}`,
          body: z.record(z.string(), z.unknown()),
          response: { 200: z.unknown(), default: problemResponse },
        },
      },
      async (request) => {
        const answer = await pass('POST', verb, request.body)
        // Months pass in the ledger as they do in the simulated clouds, and never before.
        if (verb === 'clock') await moveLedgerClock(context.db, clockSchema.parse(answer).offsetMs)
        return answer
      },
    )
  }

  async function pass(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    if (!context.sandbox) {
      throw new PipiError('not-found', 'this platform deploys to real clouds: there is no sandbox', {
        hint: 'start one with ./pipi serve --sandbox',
      })
    }
    const { admin, token } = context.sandbox()
    const answer = await fetch(`${admin.replace(/\/$/, '')}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new PipiError('platform.busy', 'the sandbox does not answer right now', {
        hint: 'it is started again by itself: try once more',
        cause,
      })
    })
    const value: unknown = await answer.json().catch(() => undefined)
    if (answer.ok) return value
    throw problemFrom(answer.status, value)
  }
}

const sandboxProblemSchema = z.looseObject({
  code: z.string().optional(),
  message: z.string().optional(),
  detail: z.string().optional(),
  error: z.string().optional(),
  hint: z.string().optional(),
})

function problemFrom(status: number, value: unknown): PipiError {
  const read = sandboxProblemSchema.safeParse(value)
  const said = read.success ? read.data : {}
  const known = said.code !== undefined && Object.hasOwn(ERRORS, said.code) ? (said.code as ErrorCode) : undefined
  const code = known ?? (status === 404 ? 'not-found' : status < 500 ? 'input.invalid' : 'platform.internal')
  return new PipiError(code, said.message ?? said.detail ?? said.error ?? `the sandbox answered ${status}`, {
    ...(said.hint === undefined ? {} : { hint: said.hint }),
  })
}
