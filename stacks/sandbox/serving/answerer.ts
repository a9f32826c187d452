import type { HandlerRequest, HandlerResponse } from '../../contract/sandbox.ts'

/** Something that answers requests for one resource. */
export interface Answerer {
  answer(request: HandlerRequest): Promise<HandlerResponse>
  close(): Promise<void>
}

export function textResponse(status: number, text: string): HandlerResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${text}\n`) }
}
