import type { Values } from '../../contract/provider.ts'
import { keepSecrets } from '../../provider/secrets.ts'
import { decode, Secret } from '../../wire/values.ts'
import type { KeptResource } from '../inventory/resources.ts'

/** A resource for people and scripts: whoever gave a secret gets it back as `[secret]`. */
export function shown(resource: KeptResource): Record<string, unknown> {
  const wire = decode(resource.wire) as Values
  const { engine, cloudAccount, type, id, urn, usage, createdAt, deletedAt } = resource
  return {
    engine,
    cloudAccount,
    type,
    id,
    urn,
    inputs: closed(keepSecrets(resource.inputs, wire)),
    outputs: closed(keepSecrets(resource.outputs, wire)),
    usage,
    createdAt: new Date(createdAt).toISOString(),
    ...(deletedAt === undefined ? {} : { deletedAt: new Date(deletedAt).toISOString() }),
  }
}

function closed(value: unknown): unknown {
  if (value instanceof Secret) return '[secret]'
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]))
}
