import type { ApiReply } from '../../../../stacks/contract/sandbox.ts'

/** An answer without a body. */
export function done(status: number, headers: Record<string, string> = {}): ApiReply {
  return { status, body: new Uint8Array(), headers }
}

/** As the distribution API words an error. */
export function unknown(status: number, code: string, message: string): ApiReply {
  return { status, body: { errors: [{ code, message }] }, headers: { 'content-type': 'application/json' } }
}

export function denied(message: string): ApiReply {
  return unknown(403, 'DENIED', message)
}
