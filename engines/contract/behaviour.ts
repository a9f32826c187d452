import { join } from 'node:path'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import { readYaml } from '../../catalog/read-yaml.ts'

const path = z.string().regex(/^[A-Za-z_$][\w$-]*(\.[\w$-]+)*$/, 'a path of properties, as sourceDetails.sourceId')
const source = z.string().regex(/^[A-Z]+\d+$/, 'a key of sources, as T1')
const provider = z.string().regex(/^[a-z][a-z0-9-]*$/)
const typeToken = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[A-Za-z0-9/]*:[A-Za-z0-9]+$/, 'a Pulumi type token, package:module:Type')

/** How one resource type behaves where it is simulated (or provided by us), and where that was learnt. */
const typeBehaviourSchema = z.strictObject({
  /** Keys of `sources`. */
  learnt: z.array(source).min(1),
  /** Inputs whose change makes another one. */
  replaceOn: z.array(path).default([]),
  /** Of a replacement the old one goes first. */
  deleteBeforeReplace: z.boolean().default(false),
  /** Where a label goes that tells whose it is; null: it has none, or the simulation looks at none. */
  tagProperty: z.enum(['tags', 'labels', 'defaultTags', 'freeformTags']).nullable().default(null),
  /** Outputs that are secrets, whatever goes in. */
  secretOutputs: z.array(path).default([]),
  /** What Check fills in where it was left out. */
  defaults: z.record(path, z.json()).default({}),
  /** How soon the platform shows what was done, and what the simulation makes of it. */
  consistency: z.string().min(1),
  /** What is refused, and the platform's words for it; `…` stands for what differs each time. */
  errors: z.array(z.strictObject({ when: z.string().min(1), says: z.string().min(3) })).default([]),
  /** Where the official provider does otherwise, and why the simulation stays as it is. Without `property`: all of them. */
  unlike: z
    .array(
      z.strictObject({
        in: z.enum(['replaceOn', 'deleteBeforeReplace', 'secretOutputs', 'defaults', 'failures']),
        property: path.optional(),
        why: z.string().min(10),
      }),
    )
    .default([]),
})

/** `engines/<code>/behaviour.yaml`: one line for each resource type that the engine's programs and walls declare. */
export const behaviourSchema = z
  .strictObject({
    /** Versions of the official plugins, for providers whose SDK is not installed; of the others the SDK's own counts. */
    plugins: z.record(provider, z.string().regex(/^\d+\.\d+\.\d+$/)).default({}),
    sources: z.record(
      source,
      z.strictObject({
        /** A page, or what of this house it is. */
        at: z.string().min(5),
        /** The day on which it was looked at. */
        seen: z.iso.date(),
      }),
    ),
    types: z.record(typeToken, typeBehaviourSchema),
  })
  .check(({ value, issues }) => {
    for (const [type, { learnt }] of Object.entries(value.types)) {
      for (const key of learnt.filter((one) => !(one in value.sources)))
        issues.push({
          code: 'custom',
          input: key,
          path: ['types', type, 'learnt'],
          message: `there is no source ${key}`,
        })
    }
  })
export type BehaviourTable = z.output<typeof behaviourSchema>
export type TypeBehaviour = z.output<typeof typeBehaviourSchema>

/** Why the simulation of a type is known to do otherwise there than the official provider; undefined: it is not. */
export function whyUnlike(
  { unlike }: TypeBehaviour,
  behaviour: TypeBehaviour['unlike'][number]['in'],
  property: string,
): string | undefined {
  return unlike.find((one) => one.in === behaviour && (one.property ?? property) === property)?.why
}

/** The table of an engine's folder. Throws `catalog.invalid` with every problem and its place. */
export async function readBehaviour(folder: string): Promise<BehaviourTable> {
  const file = join(folder, 'behaviour.yaml')
  const read = await readYaml(file, behaviourSchema)
  if (read.ok) return read.value
  const [first] = read.problems
  throw new PipiError('catalog.invalid', `${file}:${first?.line ?? 0}: ${first?.path ?? ''} ${first?.message ?? ''}`, {
    problems: read.problems,
  })
}
