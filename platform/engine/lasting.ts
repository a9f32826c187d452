import { type EngineDna, waysOf } from '../../engines/contract/engine.ts'

/**
 * Whether a provider's configuration is the same from one deployment to the next: all in it is the engine's own, or a
 * credential of a way without short-lived ones. What an exchange gave is another one each time.
 */
export function isLasting(dna: EngineDna, configuration: Record<string, unknown>): boolean {
  const lasting = waysOf(dna)
    .filter((way) => !way.credentials.some((one) => one.fleeting === true))
    .flatMap((way) => way.credentials.map(({ config }) => config))
  return Object.keys(configuration).every((name) => name in dna.config || lasting.includes(name))
}
