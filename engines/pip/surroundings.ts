import type { SurroundingsContext } from '../contract/engine.ts'
import { NAMES, WALLS } from './provider/index.ts'

/**
 * Whether the host gives names of their own, and with what; and what it lacks to run containers. A host that is away is
 * noticed here, before anything is planned or begun.
 */
export default async function surroundings({
  region,
  platform,
}: Pick<SurroundingsContext, 'region' | 'platform'>): Promise<Record<string, string>> {
  const names = (await platform.invoke(NAMES, { host: region })) as { ready?: boolean }
  const walls = (await platform.invoke(WALLS, { host: region })) as { ready?: boolean; why?: string }
  return {
    ...(names.ready === true ? { names: 'caddy' } : {}),
    ...(walls.ready === true ? {} : { lacks: walls.why ?? 'its supervisor does not say that it can' }),
  }
}
