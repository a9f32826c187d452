/** What the decision needs of a deployment that could begin: the first of its workspace, in the order of arrival. */
export interface Waiting {
  id: string
  account: string
  engine: string
  /** How long it has waited, milliseconds. */
  waitedMs: number
  /** It makes something stand still, or is before what does in its workspace: it goes before all others. */
  urgent?: boolean
}

export interface Assignable {
  waiting: readonly Waiting[]
  /** Deployments each engine could begin at once: the capacity of its living clones less what they have. */
  free: ReadonlyMap<string, number>
  /** Deployments under way, by account. */
  running: ReadonlyMap<string, number>
}

/** A minute of waiting weighs as much as one deployment that the account has running: nobody starves. */
const AGEING_MS = 60_000

/**
 * Step 2, the decision: which deployments go to their engine now. Each engine gets no more than it can begin, so that
 * the backlog, and with it the order, stays in the truth. What is urgent goes first; else, between accounts, the one with
 * the least under way.
 */
export function assign({ waiting, free, running }: Assignable): string[] {
  const left = new Map(free)
  const underWay = new Map(running)
  const open = [...waiting]
  const chosen: string[] = []
  for (;;) {
    const next = open
      .filter((one) => (left.get(one.engine) ?? 0) > 0)
      .sort(
        (a, b) =>
          Number(b.urgent ?? false) - Number(a.urgent ?? false) ||
          (a.urgent ? 0 : weight(a, underWay) - weight(b, underWay)) ||
          b.waitedMs - a.waitedMs ||
          a.id.localeCompare(b.id),
      )[0]
    if (!next) return chosen
    chosen.push(next.id)
    open.splice(open.indexOf(next), 1)
    left.set(next.engine, (left.get(next.engine) ?? 0) - 1)
    underWay.set(next.account, (underWay.get(next.account) ?? 0) + 1)
  }
}

function weight(one: Waiting, underWay: ReadonlyMap<string, number>): number {
  return (underWay.get(one.account) ?? 0) - one.waitedMs / AGEING_MS
}
