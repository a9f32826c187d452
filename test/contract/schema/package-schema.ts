import type * as grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { z } from 'zod'
import { callProvider } from '../../../stacks/guard/relay.ts'

/** The largest of them have tens of megabytes. */
const PATIENCE_MS = 180_000

interface Shape {
  $ref?: string | undefined
  items?: Shape | undefined
  additionalProperties?: Shape | undefined
  type?: string | undefined
}
const shapeSchema: z.ZodType<Shape> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    $ref: z.string().optional(),
    items: shapeSchema.optional(),
    additionalProperties: shapeSchema.optional(),
  }),
)
const propertySchema = z.object({
  type: z.string().optional(),
  $ref: z.string().optional(),
  items: shapeSchema.optional(),
  additionalProperties: shapeSchema.optional(),
  secret: z.boolean().optional(),
  /** Of an input: its change makes another one. */
  willReplaceOnChanges: z.boolean().optional(),
  /** The same, as some packages write it. */
  replaceOnChanges: z.boolean().optional(),
})
const objectSchema = z.object({ properties: z.record(z.string(), propertySchema).default({}) })
const resourceSchema = z.object({
  inputProperties: z.record(z.string(), propertySchema).default({}),
  requiredInputs: z.array(z.string()).default([]),
  properties: z.record(z.string(), propertySchema).default({}),
})
const packageSchema = z.object({
  name: z.string().default(''),
  resources: z.record(z.string(), z.unknown()).default({}),
  types: z.record(z.string(), z.unknown()).default({}),
})
export type Property = z.output<typeof propertySchema>
export type ResourceSchema = z.output<typeof resourceSchema>

/**
 * The schema of a provider's package, as Pulumi's protocol has it. Only what is asked for is parsed: those of large
 * clouds describe thousands of types.
 */
export class PackageSchema {
  readonly #package: z.output<typeof packageSchema>
  /** Whether it tells which inputs replace, which are required, and what nested ones there are. */
  readonly tells: { replaces: boolean; nested: boolean }

  constructor(text: string) {
    this.#package = packageSchema.parse(JSON.parse(text))
    this.tells = {
      replaces: /"(willReplaceOnChanges|replaceOnChanges)"\s*:\s*true/.test(text),
      nested: Object.keys(this.#package.types).length > 0,
    }
  }

  get isEmpty(): boolean {
    return Object.keys(this.#package.resources).length === 0
  }

  resource(type: string): ResourceSchema | undefined {
    const found = this.#package.resources[type]
    return found === undefined ? undefined : resourceSchema.parse(found)
  }

  /**
   * The property at a path of a resource's inputs (items of lists and maps are not named in it). Undefined: there is
   * no such property. `open`: from some place on anything goes, or nothing is said of it.
   */
  at(resource: ResourceSchema, path: string): Property | 'open' | undefined {
    const [first = '', ...rest] = path.split('.')
    let found = resource.inputProperties[first]
    for (const key of rest) {
      if (found === undefined) return undefined
      const inner = this.#inside(found)
      if (inner === 'open') return 'open'
      found = inner[key]
    }
    return found
  }

  #inside(property: Shape): Record<string, Property> | 'open' {
    const shape = property.items ?? property
    // A map: its keys are the caller's own.
    if (shape.additionalProperties !== undefined) return 'open'
    const { $ref } = shape
    if ($ref === undefined) return shape.items === undefined ? 'open' : this.#inside(shape)
    const token = decodeURIComponent(/^#\/types\/(.+)$/.exec($ref)?.[1] ?? '')
    const object = this.#package.types[token]
    if (object === undefined) return 'open'
    const { properties } = objectSchema.parse(object)
    // An enumeration, or something described elsewhere.
    return Object.keys(properties).length === 0 ? 'open' : properties
  }
}

/** Asks a running provider for its schema. */
export async function askSchema(client: grpc.Client): Promise<PackageSchema> {
  const request = new providerProto.GetSchemaRequest().setVersion(0)
  const answer = await callProvider<providerProto.GetSchemaResponse>(client, 'getSchema', request, PATIENCE_MS)
  return new PackageSchema(answer.getSchema())
}

export function replaces(property: Property): boolean {
  return property.willReplaceOnChanges === true || property.replaceOnChanges === true
}
