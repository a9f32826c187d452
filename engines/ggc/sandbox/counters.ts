import type { Records } from '../../../stacks/contract/sandbox.ts'

/** No document and no object is named so. */
const PREFIX = '//counted '

/** How often something of a kind happened on a day, kept beside what lies in a database or a bucket. */
export interface Counted {
  /** `YYYY-MM-DD`, UTC. */
  day: string
  kind: string
  times: number
}

export function count(records: Records, kind: string, at: number, times: number): Promise<void> {
  return records.add(`${PREFIX}${new Date(at).toISOString().slice(0, 10)} ${kind}`, times)
}

export async function counted(records: Records): Promise<Counted[]> {
  const found = await records.list(PREFIX)
  return found.map(({ key, value }) => {
    const [day = '', kind = ''] = key.slice(PREFIX.length).split(' ')
    return { day, kind, times: Number(value) }
  })
}

export function isCounter(key: string): boolean {
  return key.startsWith(PREFIX)
}
