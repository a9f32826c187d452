import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { PipiError } from '../../../catalog/errors.ts'
import type { Client } from '../client.ts'
import { conclude, declareWaiting, type WaitOptions } from '../order.ts'
import { armedWord, showAccount, showFindings, whyOf } from '../show-account.ts'
import { showCredentials } from '../show-credentials.ts'
import type { Terminal } from '../terminal.ts'
import type { Action } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'
import {
  cloudAccountSchema,
  credentialsSchema,
  type ShownCloudAccount,
  type ShownCredentials,
} from '../wire-account.ts'
import { declareCredentials } from './declare-credentials.ts'
import { onCloud } from './on-cloud.ts'

/** How long a check may take until somebody looks, milliseconds: a clone may have to be born first. */
const PATIENCE_MS = 180_000

const SWITCHES = [
  ['stop', 'stopped', 'turn the kill switch: nothing new is made there; what runs goes on'],
  ['suspend', 'suspended', 'turn the kill switch: and what burns there is made to stand still'],
  ['resume', 'open', 'the way back: open again, and what stood still is resumed'],
] as const

/** What is done to a cloud account, rather than said about it. */
export function declareAccountWork(command: Command, action: Action): void {
  declareCredentials(command, action)
  for (const [name, to, description] of SWITCHES) {
    onCloud(command, name, description)
      .option('--why <text>', 'for the journal')
      .action(
        action<{ why?: string }>(async ({ args, options, terminal, platform }) => {
          const client = await platform()
          const answer = await client.post(`${pathOf(args[0])}/switch`, {
            to,
            ...(options.why === undefined ? {} : { why: options.why }),
          })
          terminal.document(answer)
          showAccount(terminal, cloudAccountSchema.parse(answer))
          return 0
        }),
      )
  }
  onCloud(
    command,
    'check',
    'what is missing to be let in, and what the platform says of the account; exit 1 when it is not what it claims to be',
  ).action(
    action(async ({ args, terminal, platform }) => {
      const client = await platform()
      const credentials = await credentialsOf(client, args[0] as string)
      // What an account brought along is asked about even where it is not let in yet: that is how it comes to be.
      const brought = credentials.own && credentials.way !== undefined
      if (credentials.closed !== undefined && !brought) {
        showCredentials(terminal, credentials)
        terminal.document({ credentials })
        return 1
      }
      showCredentials(terminal, brought ? { ...credentials, closed: undefined } : credentials)
      const account = await check(client, pathOf(args[0]), terminal)
      const now = brought ? await credentialsOf(client, args[0] as string) : credentials
      terminal.document({ ...account, credentials: now })
      terminal.line(
        `${terminal.style('bold', account.engine)} ${account.id}: armed: ${armedWord(terminal, account)}${whyOf(account)}`,
      )
      showFindings(terminal, account)
      return account.armed === true && now.closed === undefined ? 0 : 1
    }),
  )
  const secure = onCloud(command, 'secure', "set the account's own walls: budgets, policies, boundaries")
  secure.option('--email <address>', "where the platform's own alarms go; without it some walls cannot be set")
  declareWaiting(secure)
  secure.action(
    action<WaitOptions & { email?: string }>(async ({ args, options, terminal, platform }) => {
      const client = await platform()
      const asked = options.email === undefined ? {} : { email: options.email }
      const answer = await client.post(`${pathOf(args[0])}/secure`, asked, randomUUID())
      return await conclude(client, deploymentSchema.parse(answer), options, terminal)
    }),
  )
}

async function credentialsOf(client: Client, cloud: string): Promise<ShownCredentials> {
  return credentialsSchema.parse(await client.get(`/v1/engines/${encodeURIComponent(cloud)}/credentials`))
}

async function check(client: Client, path: string, terminal: Terminal): Promise<ShownCloudAccount> {
  const { since } = (await client.post(`${path}/check`, {})) as { since: string }
  terminal.note(terminal.style('dim', 'asking the platform…'))
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const answer = (await client.get(`${path}/check`, { since })) as { done: boolean; account: unknown }
    if (answer.done) return cloudAccountSchema.parse(answer.account)
  }
  throw new PipiError('deadline.passed', `nobody has looked within ${PATIENCE_MS / 1000} s`, {
    hint: 'see ./pipi stock: a clone of its engine has to live; the answer will stand in ./pipi account show',
  })
}

function pathOf(cloud: string | undefined): string {
  return `/v1/cloud-accounts/${encodeURIComponent(cloud as string)}`
}
