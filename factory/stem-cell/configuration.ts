import type { Birth } from '../contract/stem-cell.ts'

/** `{region}` and `{project}` in the DNA's configuration, and the credentials: what an engine's providers take. */
export function configurationOf(
  { engine, credentials = {} }: Pick<Birth, 'engine' | 'credentials'>,
  place: { region: string; cloudAccount: string },
): Record<string, unknown> {
  const fill = (text: string) => text.replaceAll('{region}', place.region).replaceAll('{project}', place.cloudAccount)
  return {
    ...Object.fromEntries(Object.entries(engine.dna.config).map(([key, value]) => [key, fill(value)])),
    ...credentials,
  }
}
