import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod'
import { type ErrorCode, PipiError, type Problem } from '../../catalog/errors.ts'
import type { Log } from '../log.ts'

/** RFC 9457, with our code, hint, problems and data as its extensions. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  code: ErrorCode
  retryable: boolean
  hint?: string
  problems?: Problem[]
  data?: Record<string, unknown>
}

export function problemOf(error: PipiError, instance: string): ProblemDocument {
  const { status, title, retryable } = error.kind
  return {
    type: `urn:pipi:error:${error.code}`,
    title,
    status,
    detail: error.message,
    instance,
    code: error.code,
    retryable,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.problems.length === 0 ? {} : { problems: error.problems }),
    ...(Object.keys(error.data).length === 0 ? {} : { data: error.data }),
  }
}

/** Answers every error in one form. What is our fault is logged whole and answered without its inside. */
export function problemHandler(log: Log): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (thrown, request, reply) => {
    const error = understood(thrown, request)
    if (error.kind.status >= 500 && error.code !== 'platform.busy') {
      log('error', error.message, { path: request.routeOptions.url ?? request.url, stack: stackOf(error) })
    }
    sendProblem(reply, error, request.url)
  }
}

export function sendProblem(reply: FastifyReply, error: PipiError, instance: string): void {
  const document = problemOf(error, instance.split('?')[0] ?? '/')
  if (error.code === 'not-authenticated') reply.header('www-authenticate', 'Bearer')
  if (error.code === 'platform.busy') reply.header('retry-after', '2')
  void reply.code(document.status).header('content-type', 'application/problem+json').send(JSON.stringify(document))
}

function understood(thrown: unknown, request: FastifyRequest): PipiError {
  if (thrown instanceof PipiError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const problems = thrown.validation.map((one) => ({
      path: [thrown.validationContext ?? 'request', ...one.instancePath.split('/').filter(Boolean)].join('.'),
      message: one.message ?? 'not valid',
    }))
    return new PipiError('input.invalid', `${problems[0]?.path}: ${problems[0]?.message}`, {
      hint: 'see /openapi.json for what this route takes',
      problems,
    })
  }
  if (isResponseSerializationError(thrown)) {
    return new PipiError(
      'platform.internal',
      `an answer to ${request.method} ${thrown.url} has not the promised shape`,
      { cause: thrown.cause },
    )
  }
  const status = (thrown as FastifyError).statusCode
  if (status !== undefined && status >= 400 && status < 500) {
    return new PipiError('input.invalid', (thrown as Error).message, {
      hint:
        status === 413
          ? 'send less: manifests up to 32 KiB, uploads up to 50 MB'
          : 'see /openapi.json for what this route takes',
    })
  }
  return new PipiError('platform.internal', 'something failed that should not', {
    hint: 'try again; the log of the platform says more',
    cause: thrown,
  })
}

function stackOf(error: PipiError): string {
  const inner = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
  return `${error.stack}${inner}`
}
