import { randomUUID } from 'node:crypto'
import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct, plain, toStruct, UNKNOWN, type Values } from '../../wire/values.ts'
import type { Guard } from '../guard.ts'
import type { Passing } from '../relay.ts'
import { tagOf, withTag } from '../tag.ts'

/**
 * Inputs on their way to the provider's Check: what must be set to stay free is filled in where it was left out, and our
 * tag is added. Done here and not by a transform, which would lose the secret marks of what it touches.
 */
export async function interceptCheck(
  guard: Guard,
  passing: Passing<proto.CheckRequest, proto.CheckResponse>,
): Promise<proto.CheckResponse> {
  const { request } = passing
  const urn = request.getUrn()
  const rule = guard.rule(urn)
  const olds = request.hasOlds() ? fromStruct(request.getOlds()) : undefined
  let news = fillIn(fromStruct(request.getNews()), rule.safe.bind(rule))
  if (rule.tagProperty !== null) {
    const intent = guard.intentFor(urn, randomUUID)
    news = withTag(news, rule.tagProperty, tagOf(guard.options.grant.workspace, urn, intent), olds)
  }
  request.setNews(toStruct(news))
  return passing.forward(request)
}

/** Only what was left out is added: what the program set, secret or unknown included, is never overwritten. */
function fillIn(inputs: Values, safe: (plainInputs: Values) => Values): Values {
  return merge(inputs, plain(inputs), safe(structuredCloneOf(plain(inputs))))
}

function merge(original: Values, before: Values, after: Values): Values {
  const result: Values = { ...original }
  for (const [key, value] of Object.entries(after)) {
    const was = original[key]
    if (was === undefined) result[key] = value
    else if (was !== UNKNOWN && isPlainObject(was) && isPlainObject(before[key]) && isPlainObject(value)) {
      result[key] = merge(was, before[key], value)
    }
  }
  return result
}

function isPlainObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** Rules may change what they are given; assets are not cloneable and are never filled in. */
function structuredCloneOf(values: Values): Values {
  return copy(values) as Values
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}
