import type { ConfiguredProvider, Values } from '../../contract/provider.ts'
import type { Json, SimulatedCloud, SimulatedResource, World } from '../../contract/sandbox.ts'
import { changedProperties } from '../../provider/changes.ts'
import { decode, encode, hasUnknown, Secret } from '../../wire/values.ts'
import type { Host } from '../host.ts'
import type { KeptResource, Owner } from '../inventory/resources.ts'
import { seeInputs, showOutputs } from './assets.ts'
import { checkedInputs } from './checked.ts'
import { createResource } from './create.ts'
import { misbehave } from './misbehave.ts'
import { removeResource } from './remove.ts'
import { updateResource } from './update.ts'
import { worldOf } from './world.ts'

/** Who acts: one connection of one engine. */
export interface Session {
  owner: Owner
  user: string | undefined
  region: string
  token: string | undefined
}

/** A provider's operations over the inventory. Each one that reaches the cloud is logged before and after. */
export function operationsOf(cloud: SimulatedCloud, host: Host, session: Session): ConfiguredProvider {
  const givenUp = new AbortController()
  const { owner } = session

  const recorded = async <T>(
    call: { operation: 'create' | 'read' | 'update' | 'delete' | 'invoke'; type: string; urn?: string; id?: string },
    effect: (world: World) => Promise<T>,
    create: { idOf?(result: T): string; later?(call: number, ms: number): Promise<void> } = {},
  ): Promise<T> => {
    const seq = await host.calls.begin({ ...owner, ...call, token: session.token })
    const fault = await host.faults.strike(owner.engine, call.type, call.operation)
    let id: string | undefined
    const happen = async (): Promise<T> => {
      const made = await effect(worldOf(host, owner, session.region, `call ${seq}`, session.user))
      id = create.idOf?.(made)
      return made
    }
    const later = async (ms: number): Promise<void> => create.later?.(seq, ms)
    try {
      const result = await misbehave(fault, happen, { gone: host.gone, givenUp: givenUp.signal, later })
      await host.calls.end(seq, { kind: 'done', id })
      return result
    } catch (error) {
      await host.calls.end(seq, { kind: 'failed', id, message: error instanceof Error ? error.message : String(error) })
      throw error
    }
  }

  return {
    async check(type, inputs, _old, urn) {
      const resource = resourceOf(cloud, type)
      const seen = await seeInputs(inputs, host.bytes)
      const world = worldOf(host, owner, session.region, `check ${urn}`)
      const result = (await resource.check?.(seen, world)) ?? {}
      const failures = (result.failures ?? []).filter(({ property }) => !hasUnknown(inputs[rootOf(property)]))
      const given = result.inputs ?? {}
      return { inputs: showOutputs(checkedInputs(inputs, seen, given), inputs, seen), failures }
    },
    async diff(type, _id, oldInputs, newInputs) {
      const resource = resourceOf(cloud, type)
      const changed = changedProperties(oldInputs, newInputs)
      const replaces = resource.replaceOn.filter((property) => differsAt(property, oldInputs, newInputs))
      return {
        changes: changed.length > 0,
        replaces,
        deleteBeforeReplace: replaces.length > 0 && resource.deleteBeforeReplace === true,
      }
    },
    async create(type, inputs, urn, preview) {
      const resource = resourceOf(cloud, type)
      if (preview) return { id: '', outputs: inputs }
      const create = (world: World) => createResource({ host, owner, resource, type, urn, inputs, world })
      const made = await recorded({ operation: 'create', type, urn }, create, {
        idOf: (kept) => kept.id,
        later: (call, ms) =>
          host.late.schedule({ owner, region: session.region, call, type, urn, wire: encode(inputs) as Json }, ms),
      })
      return { id: made.id, outputs: outputsOf(made, resource) }
    },
    async read(type, id, urn) {
      const resource = resourceOf(cloud, type)
      const found = await recorded({ operation: 'read', type, urn, id }, (world) =>
        host.resources.get(owner, type, resource.importId?.(id, world) ?? id),
      )
      return found === undefined
        ? undefined
        : { id: found.id, inputs: wireOf(found), outputs: outputsOf(found, resource) }
    },
    async update(type, id, _oldInputs, newInputs, urn, preview) {
      const resource = resourceOf(cloud, type)
      if (preview) {
        const stored = await host.resources.get(owner, type, id)
        return { outputs: { ...(stored === undefined ? {} : outputsOf(stored, resource)), ...newInputs } }
      }
      const update = (world: World) => updateResource({ host, owner, resource, type, id, inputs: newInputs, world })
      return { outputs: outputsOf(await recorded({ operation: 'update', type, urn, id }, update), resource) }
    },
    async delete(type, id, _outputs, urn) {
      const resource = resourceOf(cloud, type)
      const remove = (world: World) => removeResource({ host, owner, resource, type, id, world })
      await recorded({ operation: 'delete', type, urn, id }, remove)
    },
    async invoke(token, args) {
      const source = cloud.invokes?.[token]
      if (source === undefined) throw new Error(`unknown data source "${token}"`)
      const seen = await seeInputs(args, host.bytes)
      return recorded({ operation: 'invoke', type: token }, (world) => source(seen, world))
    },
    cancel: () => givenUp.abort(),
  }
}

function resourceOf(cloud: SimulatedCloud, type: string): SimulatedResource {
  const resource = Object.hasOwn(cloud.resources, type) ? cloud.resources[type] : undefined
  if (resource === undefined) throw new Error(`unknown resource type "${type}": this platform has no such thing`)
  return resource
}

function wireOf(kept: KeptResource): Values {
  return decode(kept.wire) as Values
}

function outputsOf(kept: KeptResource, { secretOutputs = [] }: SimulatedResource): Values {
  const outputs = showOutputs(kept.outputs, wireOf(kept), kept.inputs)
  const secret = secretOutputs.flatMap((key) => (outputs[key] === undefined ? [] : [[key, new Secret(outputs[key])]]))
  return { ...outputs, ...Object.fromEntries(secret) }
}

/** Whether the values at a dotted path differ. */
function differsAt(path: string, old: Values, now: Values): boolean {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) return changedProperties({ value: old[first] }, { value: now[first] }).length > 0
  const [a, b] = [old[first], now[first]]
  if (!isRecord(a) || !isRecord(b)) return changedProperties({ value: a }, { value: b }).length > 0
  return differsAt(rest.join('.'), a, b)
}

function isRecord(value: unknown): value is Values {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  )
}

/** `spec.services[0].size` belongs to the input `spec`. */
function rootOf(property: string): string {
  return /^[^.[]*/.exec(property)?.[0] ?? property
}
