import type { World } from '../../../../stacks/contract/sandbox.ts'
import { TABLE } from '../tables.ts'

/** What DynamoDB adds to each item that it keeps. */
const OVERHEAD = 100

/** Bytes that the items of a table take: names and values in UTF-8, and what comes on top of each. */
export async function bytesIn(table: string, world: World): Promise<number> {
  const items = await world.records(TABLE, table).list()
  return items.reduce((sum, { value }) => sum + OVERHEAD + bytesOf(value), 0)
}

/** `{S: 'text'}` is four bytes; in maps and lists the same, with a little for each. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + 1 + bytesOf(one), 3)
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + (isType(name) ? 0 : Buffer.byteLength(name)) + bytesOf(one),
    0,
  )
}

function isType(name: string): boolean {
  return /^(S|N|B|SS|NS|BS|M|L|BOOL|NULL)$/.test(name)
}
