/** What is compared, in the order in which the table shows it. */
export const BEHAVIOURS = [
  'type',
  'inputs',
  'required',
  'replaceOn',
  'secretOutputs',
  'defaults',
  'failures',
  'replaces',
  'deleteFirst',
  'deployed',
  'found',
  'gone',
] as const
export type Behaviour = (typeof BEHAVIOURS)[number]
export type Verdict = 'same' | 'different' | 'not comparable'

/** One thing that was compared of one resource type. */
export interface Finding {
  type: string
  behaviour: Behaviour
  verdict: Verdict
  /** Path of the property that differs. */
  property?: string
  /** What each side says, or why nothing can be said. */
  says: string
}

export function same(type: string, behaviour: Behaviour, says = ''): Finding {
  return { type, behaviour, verdict: 'same', says }
}

export function different(type: string, behaviour: Behaviour, property: string, says: string): Finding {
  return { type, behaviour, verdict: 'different', property, says }
}

export function notComparable(type: string, behaviour: Behaviour, says: string, property?: string): Finding {
  return { type, behaviour, verdict: 'not comparable', says, ...(property === undefined ? {} : { property }) }
}

/** The findings of a list of them, or that all is the same where there are none. */
export function orSame(type: string, behaviour: Behaviour, findings: readonly Finding[], says = ''): Finding[] {
  return findings.length > 0 ? [...findings] : [same(type, behaviour, says)]
}

/** One line for people: what differs, of which property of which type. */
export function lineOf({ type, behaviour, verdict, property, says }: Finding): string {
  return `${verdict}: ${type} ${behaviour}${property === undefined ? '' : ` "${property}"`}: ${says}`
}
