import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { removeResource } from '../cloud/remove.ts'
import { worldOf } from '../cloud/world.ts'
import type { Host } from '../host.ts'
import type { KeptResource } from '../inventory/resources.ts'
import { shown } from './show.ts'

/** Changes or deletes a resource behind Pulumi's back, as somebody at the platform's console would. */
export const driftSchema = z
  .strictObject({
    engine: z.string().optional(),
    cloudAccount: z.string().optional(),
    type: z.string().optional(),
    id: z.string(),
    /** Properties to set: in the outputs, and in the inputs where they have one of that name. */
    set: z.record(z.string(), z.unknown()).optional(),
    delete: z.boolean().default(false),
    /** So many bytes lie in it besides what was really put there, from now on. */
    stored: z.int().min(0).optional(),
  })
  .refine(
    ({ delete: gone, set, stored }) => [gone, set !== undefined, stored !== undefined].filter(Boolean).length === 1,
    'one of "set", "stored", or "delete": true',
  )
export type Drift = z.infer<typeof driftSchema>

export async function drift(host: Host, asked: Drift): Promise<Record<string, unknown>> {
  const found = await find(host, asked)
  if (asked.stored !== undefined) {
    await host.stored.plant(found.seq, asked.stored)
    return { stored: asked.stored, ...shown(found) }
  }
  if (asked.set === undefined) {
    await removeResource({
      host,
      owner: found,
      type: found.type,
      id: found.id,
      world: worldOf(host, found, '', `drift ${found.seq}`),
    })
    return { deleted: true, ...shown(found) }
  }
  const [wire, inputs, outputs] = [{ ...found.wire }, { ...found.inputs }, { ...found.outputs, ...asked.set }]
  for (const [key, value] of Object.entries(asked.set)) {
    if (key in found.wire) wire[key] = value
    if (key in found.inputs) inputs[key] = value
  }
  await host.resources.change(found.seq, { wire, inputs, outputs, serving: found.serving })
  return shown({ ...found, wire, inputs, outputs })
}

async function find(host: Host, { engine, cloudAccount, type, id }: Drift): Promise<KeptResource> {
  const all = await host.resources.all({ engine, cloudAccount, deleted: false })
  const found = all.filter((resource) => resource.id === id && (type === undefined || resource.type === type))
  const [first, second] = found
  if (first === undefined) throw new PipiError('not-found', `no simulated cloud holds a ${type ?? 'resource'} "${id}"`)
  if (second !== undefined) {
    const places = found.map((one) => `${one.type} of ${one.engine} ${one.cloudAccount}`)
    throw new PipiError('input.invalid', `expected one resource "${id}", got ${places.join(', ')}`, {
      hint: 'say which with "type", "engine" and "cloudAccount"',
    })
  }
  return first
}
