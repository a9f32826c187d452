import { join } from 'node:path'
import { identityFile, readIdentity } from '../../supervisor/identity.ts'

const ANSWER_MS = 3000

/** The token and port of a supervisor that answers on a folder, or undefined while none does. */
export async function runningSupervisor(folder: string): Promise<{ token: string; port: number } | undefined> {
  const identity = await readIdentity(identityFile(folder)).catch(() => undefined)
  if (identity === undefined || identity.port === 0) return undefined
  const { token, port } = identity
  const answer = await fetch(`http://127.0.0.1:${port}/processes`, {
    headers: { authorization: `Bearer ${token}`, connection: 'close' },
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.ok ? { token, port } : undefined
}

/** What was started last, so that another program or place is noticed. */
export function startedFile(folder: string): string {
  return join(folder, 'started.json')
}
