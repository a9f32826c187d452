import type { SurroundingsContext } from '../contract/engine.ts'
import { NAMES } from './provider/index.ts'

/**
 * Whether the host gives names of their own, and with what. A host that is away is noticed here, before anything is
 * planned or begun.
 */
export default async function surroundings({
  region,
  platform,
}: Pick<SurroundingsContext, 'region' | 'platform'>): Promise<Record<string, string>> {
  const { ready } = (await platform.invoke(NAMES, { host: region })) as { ready?: boolean }
  return ready === true ? { names: 'caddy' } : {}
}
