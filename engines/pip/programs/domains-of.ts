import type { ProgramContext } from '../../contract/engine.ts'
import type { ProcessArgs } from './resources.ts'

/** Names of its own, and what gives them on the host; none is as it was before there was such a thing. */
export function domainsOf(
  { domains }: { domains: string[] },
  surroundings: ProgramContext['surroundings'],
): Pick<ProcessArgs, 'domains' | 'domainsBy'> {
  if (domains.length === 0) return {}
  return surroundings?.names === 'caddy' ? { domains, domainsBy: 'caddy' } : { domains }
}
