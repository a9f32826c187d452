import type { HandlerRequest, HandlerResponse, Json } from '../../contract/sandbox.ts'

/** What the sandbox tells a handler's process. */
export type ToRunner =
  | { kind: 'start'; adapter: string; folder: string; options: Json }
  | { kind: 'request'; id: number; request: HandlerRequest }

/** What a handler's process answers. */
export type FromRunner =
  | { kind: 'ready' }
  | { kind: 'broken'; message: string }
  | { kind: 'response'; id: number; response: HandlerResponse }
  | { kind: 'failure'; id: number; message: string }
