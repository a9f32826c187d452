import { PipiError } from '../../catalog/errors.ts'
import { beginWorkspace } from './begin-workspace.ts'
import type { Database, Queryable } from './open.ts'
import { ALL, type Config } from './with-config.ts'

/** One value that a workspace is configured with; it is no secret. */
export interface ConfigValue {
  /** Of one component, or `*`: of all. */
  component: string
  name: string
  value: string
  /** ISO 8601. */
  setAt: string
  /** Id of the token that set it. */
  setBy: string
}

export interface ConfigPlace {
  account: string
  /** Name of the workspace; one that is not there yet begins with its configuration. */
  workspace: string
  component: string
  name: string
  /** Id of the caller's token. */
  by: string
}

const MOST_VALUES = 200

/** What is set now: it holds from the next deployment on. */
export async function listConfig(on: Queryable, workspace: string): Promise<ConfigValue[]> {
  const rows = await on.query<Omit<ConfigValue, 'setAt'> & { at: Date }>(
    `select component, name, value, set_at as at, set_by as "setBy" from pipi.config where workspace = $1 order by component, name`,
    [workspace],
  )
  return rows.map(({ at, ...rest }) => ({ ...rest, setAt: at.toISOString() }))
}

/** What stands was deployed with it; undefined where nothing stands. */
export async function deployedConfig(on: Queryable, workspace: string): Promise<Config | undefined> {
  const [row] = await on.query<{ config: Config }>('select config from pipi.workspaces where id = $1 and live', [
    workspace,
  ])
  return row?.config
}

/** Throws `conflict.state` when there are too many already, or the name is that of one of its secrets. */
export async function setConfig(db: Database, asked: ConfigPlace & { value: string }): Promise<ConfigValue> {
  const { account, workspace: workspaceName, component, name, value, by } = asked
  return db.transaction(async (tx) => {
    const workspace = await beginWorkspace(tx, account, workspaceName)
    const [secret] = await tx.query('select from pipi.secrets where workspace = $1 and name = $2', [workspace, name])
    if (secret !== undefined) {
      throw new PipiError('conflict.state', `${name} is a secret of workspace "${workspaceName}"`, {
        hint: `./pipi secret set ${workspaceName} ${name} gives it another value; configuration is shown to whoever may look`,
      })
    }
    const there = await listConfig(tx, workspace)
    if (there.length >= MOST_VALUES && !there.some((one) => one.name === name && one.component === component)) {
      throw new PipiError(
        'conflict.state',
        `workspace "${workspaceName}" is configured with ${MOST_VALUES} values already`,
        {
          hint: `./pipi config ${workspaceName}, then take away what is not needed: --unset`,
        },
      )
    }
    await tx.query(
      `insert into pipi.config (workspace, component, name, value, set_by) values ($1, $2, $3, $4, $5)
       on conflict (workspace, component, name) do update set value = excluded.value, set_by = excluded.set_by, set_at = clock_timestamp()`,
      [workspace, component, name, value, by],
    )
    await changed(tx, { ...asked, workspace }, 'config.set', { component, name, value })
    return (await listConfig(tx, workspace)).find(
      (one) => one.name === name && one.component === component,
    ) as ConfigValue
  })
}

/** Throws `not-found` when it is not set. What runs keeps it until it is deployed again. */
export async function unsetConfig(db: Database, asked: ConfigPlace): Promise<void> {
  const { account, workspace: workspaceName, component, name } = asked
  await db.transaction(async (tx) => {
    const [gone] = await tx.query<{ workspace: string }>(
      `delete from pipi.config c using pipi.workspaces w where w.id = c.workspace and w.account = $1 and w.name = $2 and c.component = $3 and c.name = $4
       returning c.workspace`,
      [account, workspaceName, component, name],
    )
    if (!gone) {
      const of = component === ALL ? '' : ` for its component "${component}"`
      throw new PipiError('not-found', `workspace "${workspaceName}" is not configured with ${name}${of}`, {
        hint: `./pipi config ${workspaceName} shows what it is configured with; what the manifest says is changed there`,
      })
    }
    await changed(tx, { ...asked, workspace: gone.workspace }, 'config.removed', { component, name })
  })
}

/** In the journal; and a rollback that is under way leaves alone what somebody changed meanwhile. */
async function changed(tx: Queryable, { account, workspace, by }: ConfigPlace, event: string, data: unknown) {
  await tx.query('update pipi.workspaces set config_changed_at = clock_timestamp() where id = $1', [workspace])
  await tx.query('select pipi.write_journal($1, $2, null, $3, $4, $5)', [
    account,
    workspace,
    by,
    event,
    JSON.stringify(data),
  ])
}
