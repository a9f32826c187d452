import type { Queryable } from './open.ts'

/** What may be said of a secret: everything but its value. */
export interface NamedSecret {
  name: string
  /** ISO 8601. */
  setAt: string
  /** Id of the token that set it. */
  setBy: string
}

export async function listSecrets(on: Queryable, workspace: string): Promise<NamedSecret[]> {
  const rows = await on.query<{ name: string; at: Date; by: string }>(
    'select name, set_at as at, set_by as by from pipi.secrets where workspace = $1 order by name',
    [workspace],
  )
  return rows.map(({ name, at, by }) => ({ name, setAt: at.toISOString(), setBy: by }))
}

/** Sealed values by name, for who has the key. */
export async function sealedSecrets(on: Queryable, workspace: string): Promise<{ name: string; sealed: Buffer }[]> {
  return on.query('select name, sealed from pipi.secrets where workspace = $1 order by name', [workspace])
}
