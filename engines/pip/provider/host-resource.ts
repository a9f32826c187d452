import type { z } from 'zod'
import type { CheckFailure, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { hasUnknown, plain } from '../../../stacks/wire/values.ts'

/** One resource type of a host. Values are plain: secrets opened, nothing unknown. */
export interface HostResource<Spec> {
  schema: z.ZodObject<Record<keyof Spec & string, z.ZodType>>
  /** Inputs that the id is made of: when it becomes another, so does the resource. */
  replaceOn: string[]
  idOf(spec: Spec): string
  /** Inputs that make no difference when all of `same` are equal. */
  ignore: { properties: string[]; same: string[] }
  create(spec: Spec): Promise<{ id: string; outputs: Values }>
  read(id: string): Promise<{ inputs: Values; outputs: Values } | undefined>
  update(id: string, spec: Spec): Promise<Values>
  /** Outputs beside the inputs that are not known before it exists. */
  computed: string[]
  delete(id: string): Promise<void>
}

/** Fills in defaults and says what is wrong with what is known; what is not known yet passes. */
export function checkInputs<Spec>(
  resource: HostResource<Spec>,
  inputs: Values,
): { inputs: Values; failures: CheckFailure[] } {
  const failures: CheckFailure[] = Object.keys(inputs)
    .filter((property) => !(property in resource.schema.shape))
    .map((property) => ({
      property,
      reason: `no such property; there are ${Object.keys(resource.schema.shape).join(', ')}`,
    }))
  const checked = { ...inputs }
  for (const [property, schema] of Object.entries<z.ZodType>(resource.schema.shape)) {
    if (hasUnknown(inputs[property])) continue
    const parsed = schema.safeParse(plain(inputs)[property])
    if (!parsed.success)
      failures.push({ property, reason: parsed.error.issues.map((issue) => issue.message).join('; ') })
    else if (inputs[property] === undefined) checked[property] = parsed.data
  }
  return { inputs: checked, failures }
}

/**
 * What changed, and what of it makes another resource. A release whose files were changed behind our back has another
 * digest than it should, and yet the id that it should have: it is put right in place.
 */
export function diffInputs<Spec>(
  resource: HostResource<Spec>,
  id: string,
  old: Values,
  now: Values,
): { changes: boolean; replaces: string[] } {
  const all = changedProperties(old, now)
  const { properties, same } = resource.ignore
  const changed = same.some((property) => all.includes(property))
    ? all
    : all.filter((property) => !properties.includes(property))
  const known = !resource.replaceOn.some((property) => hasUnknown(now[property]))
  const stays = known && resource.idOf(plain(now) as Spec) === id
  return {
    changes: changed.length > 0,
    replaces: stays ? [] : changed.filter((property) => resource.replaceOn.includes(property)),
  }
}
