import type { z } from 'zod'
import type { CheckFailure, Values } from '../contract/provider.ts'
import { hasUnknown, plain } from '../wire/values.ts'

/** Fills in a schema's defaults and says what is wrong with what is known; what is not known yet passes. */
export function checkBy(schema: z.ZodObject, inputs: Values): { inputs: Values; failures: CheckFailure[] } {
  const known = plain(inputs)
  const checked = { ...inputs }
  const properties = Object.entries(schema.shape) as [string, z.ZodType][]
  const failures: CheckFailure[] = Object.keys(inputs)
    .filter((property) => !(property in schema.shape))
    .map((property) => ({
      property,
      reason: `no such property; there are ${properties.map(([name]) => name).join(', ')}`,
    }))
  for (const [property, each] of properties) {
    if (hasUnknown(inputs[property])) continue
    const parsed = each.safeParse(known[property])
    if (!parsed.success)
      failures.push({ property, reason: parsed.error.issues.map((issue) => issue.message).join('; ') })
    else if (inputs[property] === undefined && parsed.data !== undefined) checked[property] = parsed.data
  }
  return { inputs: checked, failures }
}
