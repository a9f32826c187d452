import { PipiError } from '../../catalog/errors.ts'
import { beginWorkspace } from './begin-workspace.ts'
import type { Database, Queryable } from './open.ts'
import { sealSecret } from './secret-seal.ts'
import { listSecrets, type NamedSecret } from './secrets.ts'

const MOST_SECRETS = 50

export interface SecretToSet {
  account: string
  /** Name of the workspace; one that is not there yet begins with its secrets. */
  workspace: string
  name: string
  value: string
  /** Id of the caller's token. */
  by: string
}

/** Keeps a secret of a workspace, sealed; the journal says that it was set, by whom, and nothing of its value. */
export async function setSecret(db: Database, masterKey: Uint8Array, asked: SecretToSet): Promise<NamedSecret> {
  const { account, workspace: workspaceName, name, value, by } = asked
  return db.transaction(async (tx) => {
    const workspace = await beginWorkspace(tx, account, workspaceName)
    const there = await listSecrets(tx, workspace)
    if (there.length >= MOST_SECRETS && !there.some((one) => one.name === name)) {
      throw new PipiError('conflict.state', `workspace "${workspaceName}" has ${MOST_SECRETS} secrets already`, {
        hint: `./pipi secret ls ${workspaceName}, then take away what is not needed: ./pipi secret rm`,
      })
    }
    await tx.query(
      `insert into pipi.secrets (workspace, name, sealed, set_by) values ($1, $2, $3, $4)
       on conflict (workspace, name) do update set sealed = excluded.sealed, set_by = excluded.set_by, set_at = clock_timestamp()`,
      [workspace, name, sealSecret(masterKey, workspace, name, value), by],
    )
    await journal(tx, account, workspace, by, 'secret.set', name)
    return (await listSecrets(tx, workspace)).find((one) => one.name === name) as NamedSecret
  })
}

/** Throws `not-found` when there is no such secret. What runs keeps it until it is deployed again. */
export async function removeSecret(db: Database, asked: Omit<SecretToSet, 'value'>): Promise<void> {
  const { account, workspace: workspaceName, name, by } = asked
  await db.transaction(async (tx) => {
    const [gone] = await tx.query<{ workspace: string }>(
      `delete from pipi.secrets s using pipi.workspaces w where w.id = s.workspace and w.account = $1 and w.name = $2 and s.name = $3
       returning s.workspace`,
      [account, workspaceName, name],
    )
    if (!gone) {
      throw new PipiError('not-found', `workspace "${workspaceName}" has no secret ${name}`, {
        hint: `./pipi secret ls ${workspaceName} lists them`,
      })
    }
    await journal(tx, account, gone.workspace, by, 'secret.removed', name)
  })
}

async function journal(tx: Queryable, account: string, workspace: string, by: string, event: string, name: string) {
  await tx.query('select pipi.write_journal($1, $2, null, $3, $4, $5)', [
    account,
    workspace,
    by,
    event,
    JSON.stringify({ name }),
  ])
}
