import { z } from 'zod'
import { hashOfUrn } from '../../stacks/wire/urn.ts'
import { newId } from './id.ts'
import type { Database, Queryable } from './open.ts'

const besideSchema = z.object({ type: z.string(), id: z.string(), urn: z.string().optional() })

/** What exists of a workspace at its platform, or may, and no state of ours knows. */
export interface Orphan {
  /** `orphan`: the last survey found it with this workspace's tag; `uncertain`: a create of which nobody knows the outcome. */
  kind: 'orphan' | 'uncertain'
  type: string
  /** Cloud id; missing where nobody knows one. */
  id?: string
  /** Which resource of the workspace it was made as; missing where nobody can say. */
  urn?: string
  /** What stands in its place: cloud id of the resource of this URN. */
  inPlace?: string
}

export async function orphansOf(on: Queryable, workspace: { id: string; name: string }): Promise<Orphan[]> {
  const [open, made, held, beside] = await Promise.all([
    on.query<{ urn: string; type: string }>(
      `select distinct i.urn, i.type from pipi.intents i where i.workspace = $1 and i.ended_at is null and i.operation in ('create', 'import')`,
      [workspace.id],
    ),
    on.query<{ urn: string }>(
      `select distinct i.urn from pipi.intents i where i.workspace = $1 and i.operation = 'create' and i.lookup is not null`,
      [workspace.id],
    ),
    on.query<{ urn: string; id: string }>('select r.urn, r.id from pipi.resources r where r.workspace = $1', [
      workspace.id,
    ]),
    on.query<{ one: unknown }>(
      `select b as one from pipi.watches w, jsonb_array_elements(coalesce(w.result -> 'beside', '[]')) b
       where w.kind = 'survey' and b ->> 'kind' = 'orphan' and b ->> 'workspace' = $2
         and w.cloud_account in (select d.cloud_account from pipi.deployments d where d.workspace = $1)`,
      [workspace.id, workspace.name],
    ),
  ])
  const byHash = new Map(made.map(({ urn }) => [hashOfUrn(urn), urn]))
  const found = beside.map(({ one }): Orphan => {
    const { type, id, urn: hash } = besideSchema.parse(one)
    const urn = hash === undefined ? undefined : byHash.get(hash)
    const inPlace = urn === undefined ? undefined : held.find((each) => each.urn === urn)?.id
    return {
      kind: 'orphan',
      type,
      id,
      ...(urn === undefined ? {} : { urn }),
      ...(inPlace === undefined ? {} : { inPlace }),
    }
  })
  return [...found, ...open.map(({ urn, type }): Orphan => ({ kind: 'uncertain', type, urn }))]
}

/**
 * Opens the create of these resources anew, by what they go by at the platform, so that the next deployment looks them up
 * and adopts what it finds. The journal says who wanted it.
 */
export async function openForAdoption(
  db: Database,
  asked: { account: string; workspace: { id: string; name: string }; urns: string[]; by: string },
): Promise<void> {
  const { account, workspace, urns, by } = asked
  await db.transaction(async (tx) => {
    const last = await tx.query<{ urn: string; type: string; deployment: string; token: string; lookup: unknown }>(
      `select distinct on (i.urn) i.urn, i.type, i.deployment, i.token, i.lookup from pipi.intents i
       where i.workspace = $1 and i.urn = any($2) and i.operation = 'create' and i.lookup is not null
         and not exists (select from pipi.intents o where o.workspace = i.workspace and o.urn = i.urn and o.ended_at is null)
       order by i.urn, i.began_at desc`,
      [workspace.id, urns],
    )
    for (const { urn, type, deployment, token, lookup } of last) {
      await tx.query(
        `insert into pipi.intents (id, workspace, deployment, token, urn, type, operation, lookup, deadline_at, message)
         values ($1, $2, $3, $4, $5, $6, 'create', $7, clock_timestamp(), 'found at the platform, to be adopted')`,
        [newId('i'), workspace.id, deployment, token, urn, type, JSON.stringify(lookup)],
      )
    }
    await tx.query('select pipi.write_journal($1, $2, null, $3, $4, $5)', [
      account,
      workspace.id,
      by,
      'workspace.adopts',
      JSON.stringify({ workspace: workspace.name, urns }),
    ])
  })
}
