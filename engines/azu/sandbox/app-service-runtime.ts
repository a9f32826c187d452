import type { Json } from '../../../stacks/contract/sandbox.ts'
import { type Handle, serveProcess } from '../../parts/sandbox/serve-process.ts'

const READY_MS = 20_000

/** An App Service container: runs the start command in the unpacked zip with `PORT`, and passes requests on to it. */
export default async function appService(folder: string, options: Json): Promise<Handle> {
  const [program = '', ...args] = String(options.command).split(' ')
  if (program !== 'node') throw new Error(`a Node container has no "${program}"`)
  return serveProcess({
    file: process.execPath,
    args,
    cwd: folder,
    // The world outside of a simulated container is this machine.
    environment: { ...process.env, HOST: '127.0.0.1' },
    withinMs: READY_MS,
    broken: (port) => `Container didn't respond to HTTP pings on port: ${port}, failing site start.`,
  })
}
