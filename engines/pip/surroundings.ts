import type { SurroundingsContext } from '../contract/engine.ts'
import { POSTGRES } from './provider/database.ts'
import { NAMES, WALLS } from './provider/index.ts'

/**
 * Whether the host gives names of their own and databases, and with what; and what it lacks to run containers. A host that is away is
 * noticed here, before anything is planned or begun.
 */
export default async function surroundings({
  region,
  platform,
}: Pick<SurroundingsContext, 'region' | 'platform'>): Promise<Record<string, string>> {
  const asked = [NAMES, POSTGRES, WALLS].map((token) => platform.invoke(token, { host: region }))
  const [names, databases, walls] = (await Promise.all(asked)) as { ready?: boolean; why?: string }[]
  return {
    ...(names?.ready === true ? { names: 'caddy' } : {}),
    ...(databases?.ready === true ? { databases: 'postgresql' } : {}),
    ...(walls?.ready === true ? {} : { lacks: walls?.why ?? 'its supervisor does not say that it can' }),
  }
}
