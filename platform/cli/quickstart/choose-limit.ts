import type { QuotaLine } from '../wire.ts'

/**
 * The limit that can be shown to bite soonest: things that are counted one by one, with few places (but more than
 * one, so that they are seen to fill), of which one is taken by `workspaces`. Undefined when no limit is that small.
 */
export function chooseLimit(lines: QuotaLine[], workspaces: string[], most = 5): QuotaLine | undefined {
  return lines
    .filter(
      (line) => line.period === 'concurrent' && Number.isInteger(line.limit) && line.limit > 1 && line.limit <= most,
    )
    .filter((line) => line.holders.some((holder) => workspaces.includes(holder.workspace) && holder.amount === 1))
    .sort((a, b) => a.limit - b.limit)[0]
}
