import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { Json } from '../../contract/sandbox.ts'
import { tagOf } from '../../guard/tag.ts'
import { createResource } from '../cloud/create.ts'
import { worldOf } from '../cloud/world.ts'
import type { Host } from '../host.ts'
import type { BilledCloud } from './bill.ts'
import { shown } from './show.ts'

/** Something made behind everybody's back, as by hand at the platform's console. */
export const straySchema = z.strictObject({
  engine: z.string(),
  type: z.string(),
  cloudAccount: z.string().optional(),
  region: z.string().max(40).default(''),
  /** Inputs; `spec.name` reaches inside. */
  set: z.record(z.string().min(1).max(200), z.unknown()).default({}),
  /** A workspace whose tag it carries: an orphan of ours rather than a stranger. */
  owner: z.string().min(1).max(100).optional(),
})
export type Stray = z.infer<typeof straySchema>

export async function stray(host: Host, clouds: BilledCloud[], asked: Stray): Promise<Record<string, unknown>> {
  const found = clouds.find(({ cloud }) => cloud.engine === asked.engine)
  const resource = found?.cloud.resources[asked.type]
  if (found === undefined || resource === undefined) {
    const there = found === undefined ? clouds.map(({ cloud }) => cloud.engine) : Object.keys(found.cloud.resources)
    throw new PipiError('not-found', `no simulated cloud "${asked.engine}" makes a ${asked.type}`, {
      hint: `there are ${there.join(', ')}`,
    })
  }
  const owner = { engine: asked.engine, cloudAccount: asked.cloudAccount ?? found.cloudAccount.id }
  const seq = await host.calls.begin({ ...owner, operation: 'stray', type: asked.type })
  try {
    const world = worldOf(host, owner, asked.region, `call ${seq}`)
    const given = tagged(nested(asked.set), resource.tagProperty, asked)
    const byHand = (await resource.asByHand?.(given, world)) ?? given
    const { inputs = byHand, failures = [] } = (await resource.check?.(byHand, world)) ?? {}
    if (failures.length > 0)
      throw new PipiError('input.invalid', failures.map((one) => `${one.property}: ${one.reason}`).join('; '))
    const made = await createResource({ host, owner, resource, type: asked.type, urn: '', inputs, world })
    await host.calls.end(seq, { kind: 'done', id: made.id })
    return shown(made)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await host.calls.end(seq, { kind: 'failed', id: undefined, message })
    // The simulated cloud's own words: nobody's fault but the request's.
    throw error instanceof PipiError ? error : new PipiError('input.invalid', message, { cause: error })
  }
}

function tagged(inputs: Json, property: 'tags' | 'labels' | undefined, { owner, type }: Stray): Json {
  if (owner === undefined) return inputs
  if (property === undefined) {
    throw new PipiError('input.invalid', `a ${type} carries no tags or labels, so none can say that it is ${owner}'s`, {
      hint: 'leave --owner out, or give it a name of ours with --set',
    })
  }
  return { ...inputs, [property]: { ...(inputs[property] as Json | undefined), ...tagOf(owner, '', 'by-hand') } }
}

/** `{'spec.name': 'x'}` as `{spec: {name: 'x'}}`. */
function nested(flat: Json): Json {
  const root: Json = {}
  for (const [path, value] of Object.entries(flat)) {
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let at = root
    for (const step of steps) {
      const inner = at[step]
      const next: Json = typeof inner === 'object' && inner !== null ? (inner as Json) : {}
      at[step] = next
      at = next
    }
    at[last] = value
  }
  return root
}
