import type { GuardRule } from '../contract/rule.ts'
import { plain, type Values } from '../wire/values.ts'
import { addMissing, putInPlace } from './merge.ts'
import { tagOf, withTag } from './tag.ts'

export interface Preparation {
  rule: Pick<GuardRule, 'safe' | 'suspended' | 'tagProperty'>
  /** What the state holds of this resource: its tag stays as it is. */
  olds: Values | undefined
  workspace: string
  urn: string
  /** The id of the create that its tag will name, asked for where the type is tagged. */
  intent(): string
  /** Made to burn nothing. */
  suspended: boolean
}

/**
 * A program's inputs as the provider is to see them: what must be set to stay free is filled in where it was left out,
 * what burns is made to stand still where that is asked, and our tag is added. Done here and not by a transform, which
 * would lose the secret marks of what it touches.
 */
export function preparedInputs(inputs: Values, { rule, olds, suspended, ...whose }: Preparation): Values {
  let news = addMissing(inputs, rule.safe(copyOf(inputs)))
  if (suspended) news = putInPlace(news, rule.suspended(copyOf(news)))
  if (rule.tagProperty === null) return news
  return withTag(news, rule.tagProperty, tagOf(whose.workspace, whose.urn, whose.intent()), olds)
}

/** Rules may change what they are given; assets are not cloneable and never change. */
function copyOf(values: Values): Values {
  return copy(plain(values)) as Values
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}
