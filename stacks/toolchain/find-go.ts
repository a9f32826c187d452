import { findOnPath } from './find-on-path.ts'

/** Go's own installer and some distributions leave it off PATH. */
const ELSEWHERE = '/usr/local/go/bin:/usr/lib/go/bin'

export async function findGo(environment: Record<string, string | undefined>): Promise<string | undefined> {
  return (await findOnPath('go', environment.PATH)) ?? (await findOnPath('go', ELSEWHERE))
}
