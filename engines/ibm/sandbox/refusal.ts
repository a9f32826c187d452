import type { ApiReply } from '../../../stacks/contract/sandbox.ts'

/** What IBM answers in place of what was asked. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, code: string, message: string) {
    super(`${code}: ${message}`)
    this.name = 'Refusal'
    this.status = status
  }
}

export function refused(status: number, code: string, message: string): ApiReply {
  return { status, body: { errors: [{ code, message }], trace: 'sandbox', status_code: status } }
}

/** What was refused, and what struck it: a fault's words begin with its status. */
export function replyOf(error: unknown): ApiReply {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Refusal) return refused(error.status, message.split(':')[0] ?? '', message)
  if (message.startsWith('AlreadyExists')) return refused(409, 'resource_exists', message)
  if (message.startsWith('NotFound')) return refused(404, 'not_found', message)
  const [, status = '500'] = /^(\d{3}) /.exec(message) ?? []
  return refused(Number(status), 'internal_error', message)
}
