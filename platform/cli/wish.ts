import type { Command } from 'commander'
import type { Client } from './client.ts'
import { showProposal } from './show-account.ts'
import type { Terminal } from './terminal.ts'
import type { Action, Call } from './verb.ts'
import { proposalSchema } from './wire-account.ts'

/**
 * Says what a cloud account is to be otherwise. What opens it wider waits for the second step, which is asked for at
 * once where somebody is there to answer, and is a request of its own all the same.
 */
export async function wish(
  { terminal, platform }: Pick<Call<unknown>, 'terminal' | 'platform'>,
  cloud: string,
  what: string,
  value: Record<string, unknown>,
): Promise<number> {
  const client = await platform()
  const path = `/v1/cloud-accounts/${encodeURIComponent(cloud)}/proposals`
  const proposal = proposalSchema.parse(await client.post(path, { what, value }))
  if (proposal.state === 'open' && terminal.interactive && !terminal.json) {
    showProposal(terminal, proposal)
    const answer = await terminal.ask('Type yes to confirm it now: ')
    if (answer === 'yes') return await confirm(await platform(), proposal.id, terminal)
    return 0
  }
  terminal.document(proposal)
  showProposal(terminal, proposal)
  return 0
}

/** `confirm ID`, under each verb that proposes. */
export function declareConfirm(command: Command, action: Action): void {
  command
    .command('confirm')
    .description('the second step of what was proposed')
    .argument('<id>', 'the proposal, as its first step named it')
    .action(action(async ({ args, terminal, platform }) => confirm(await platform(), args[0] as string, terminal)))
}

async function confirm(client: Client, id: string, terminal: Terminal): Promise<number> {
  const proposal = proposalSchema.parse(await client.post(`/v1/proposals/${encodeURIComponent(id)}/confirm`, {}))
  terminal.document(proposal)
  showProposal(terminal, proposal)
  return 0
}
