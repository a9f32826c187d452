import type { HandlerRequest, HandlerResponse } from '../../contract/sandbox.ts'

/** `turnedAway`: the platform itself refused, nothing ran, and nobody counts it. */
export interface Answer extends HandlerResponse {
  turnedAway?: true
}

/** Something that answers requests for one resource. */
export interface Answerer {
  answer(request: HandlerRequest): Promise<Answer>
  close(): Promise<void>
}

export function textResponse(status: number, text: string): HandlerResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${text}\n`) }
}

export function turnAway(status: number, text: string): Answer {
  return { ...textResponse(status, text), turnedAway: true }
}
