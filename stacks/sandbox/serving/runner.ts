import type { HandlerRequest, HandlerResponse, Json } from '../../contract/sandbox.ts'
import type { FromRunner, ToRunner } from './protocol.ts'

/**
 * The process of one handler: loads its engine's adapter and passes requests to it. It leads a process group of its
 * own; when the sandbox is gone (the channel closes), the whole group ends, whatever the handler had started.
 */
type Handle = (request: HandlerRequest) => Promise<HandlerResponse>
type Adapter = (folder: string, options: Json) => Promise<Handle>

let handle: Handle | undefined

process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
process.on('message', (message: ToRunner) => {
  if (message.kind === 'start') void start(message)
  else void answer(message)
})

async function start({ adapter, folder, options }: Extract<ToRunner, { kind: 'start' }>): Promise<void> {
  try {
    const module = (await import(adapter)) as { default: Adapter }
    handle = await module.default(folder, options)
    tell({ kind: 'ready' })
  } catch (error) {
    tell({ kind: 'broken', message: messageOf(error) })
  }
}

async function answer({ id, request }: Extract<ToRunner, { kind: 'request' }>): Promise<void> {
  try {
    if (handle === undefined) throw new Error('a request came before the handler was ready')
    const { status, headers, body } = await handle(request)
    tell({ kind: 'response', id, response: { status, headers, body } })
  } catch (error) {
    tell({ kind: 'failure', id, message: messageOf(error) })
  }
}

function tell(message: FromRunner): void {
  process.send?.(message)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
