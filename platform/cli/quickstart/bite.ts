import type { Client } from '../client.ts'
import { showDeployment } from '../show-deployment.ts'
import type { Terminal } from '../terminal.ts'
import type { QuotaLine, ShownDeployment } from '../wire.ts'
import { deployAll, type Request } from './deploy-all.ts'

/**
 * Shows the lock at work through the real program: fills the free places of one limit, then asks for one more.
 * @returns the deployment that must have been refused, and those that took the places
 */
export async function bite(
  client: Client,
  limit: QuotaLine,
  requestFor: (n: number) => Request,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ placed: ShownDeployment[]; refused: ShownDeployment }> {
  terminal.line(terminal.style('bold', `\nThe lock bites: ${limit.meter} has ${limit.limit} free places`))
  const more = Array.from({ length: limit.limit - 1 }, (_, at) => requestFor(at + 2))
  const placed = await deployAll(client, more, terminal, signal)
  const [refused] = (await deployAll(client, [requestFor(limit.limit + 1)], terminal, signal)) as [ShownDeployment]
  showDeployment(terminal, refused)
  return { placed, refused }
}
