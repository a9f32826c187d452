import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { HostState } from '../../contract/hosts.ts'
import { readIdentity } from '../supervisor/identity.ts'

const ANSWER_MS = 3000
const linkSchema = z.object({
  state: z.enum(['up', 'connecting', 'away']),
  why: z.string().optional(),
  since: z.string().optional(),
  keptBy: z.string().optional(),
})

/** How a host is, asked of its companion: a link says so itself, and a supervisor here that answers is up. */
export async function stateOf(address: string): Promise<HostState> {
  try {
    const { token, port } = await readIdentity(fileURLToPath(`file://${new URL(address).hash.slice(1)}`))
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${port}/${path}`, {
        headers: { authorization: `Bearer ${token}`, connection: 'close' },
        signal: AbortSignal.timeout(ANSWER_MS),
      })
    const link = await ask('link')
    if (link.ok) return linkSchema.parse(await link.json())
    await link.body?.cancel()
    // A supervisor knows of no link.
    const processes = await ask('processes')
    await processes.body?.cancel()
    return processes.ok ? { state: 'up' } : { state: 'away', why: `its supervisor answers ${processes.status}` }
  } catch (error) {
    return { state: 'away', why: `its companion does not answer: ${(error as Error).message}` }
  }
}
