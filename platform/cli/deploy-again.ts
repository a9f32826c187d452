import { randomUUID } from 'node:crypto'
import type { Client } from './client.ts'
import { conclude, type WaitOptions } from './order.ts'
import type { Terminal } from './terminal.ts'
import { deploymentSchema } from './wire.ts'

/** Deploys what stands of a workspace again, so that what was set for it holds at once. @returns the exit code */
export async function deployAgain(
  client: Client,
  workspace: string,
  options: WaitOptions,
  terminal: Terminal,
): Promise<number> {
  const body = { kind: 'deploy', workspace, asItStands: true }
  const deployment = deploymentSchema.parse(await client.post('/v1/deployments', body, randomUUID()))
  return await conclude(client, deployment, options, terminal)
}
