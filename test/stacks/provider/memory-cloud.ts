import {
  type ConfiguredProvider,
  PartialFailure,
  type TypeScriptProvider,
  type Values,
} from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { plain, UNKNOWN } from '../../../stacks/wire/values.ts'

export interface MemoryCloud extends TypeScriptProvider {
  stored: Map<string, { inputs: Values; outputs: Values }>
  calls: string[]
  configured: Values[]
  /** Operations that fail, and such as never answer: `check`, `diff`, `create`… */
  broken: Set<string>
  hanging: Set<string>
}

/** A provider that keeps its resources in memory: what a test of the wire needs and no more. */
export function memoryCloud(name: string): MemoryCloud {
  const stored: MemoryCloud['stored'] = new Map()
  const calls: string[] = []
  const configured: Values[] = []
  const broken: MemoryCloud['broken'] = new Set()
  const hanging: MemoryCloud['hanging'] = new Set()
  const behave = async (operation: string) => {
    if (hanging.has(operation)) await new Promise(() => undefined)
    if (broken.has(operation)) throw new Error(`ServiceUnavailable: no ${operation} today`)
  }
  let made = 0
  const operations = (account: unknown): ConfiguredProvider => ({
    async check(_type, inputs) {
      await behave('check')
      const known = plain(inputs)
      const failures = known.size === 'enormous' ? [{ property: 'size', reason: 'no such size: "enormous"' }] : []
      return { inputs: { size: 'small', ...inputs }, failures }
    },
    async diff(_type, _id, oldInputs, newInputs) {
      await behave('diff')
      const changed = changedProperties(oldInputs, newInputs)
      return {
        changes: changed.length > 0,
        replaces: changed.filter((key) => key === 'region'),
        deleteBeforeReplace: newInputs.exclusive === true,
      }
    },
    async create(_type, inputs, _urn, preview) {
      calls.push(preview ? 'preview create' : 'create')
      if (preview) return { id: '', outputs: { ...inputs, address: UNKNOWN } }
      await behave('create')
      const known = plain(inputs)
      if (known.size === 'refused') throw new Error(`QuotaExceeded: no more of these for ${known.password}`)
      made += 1
      const id = `thing-${made}`
      const outputs = { ...inputs, address: `10.0.0.${made}`, login: `user:${known.password ?? ''}@host`, account }
      stored.set(id, { inputs, outputs })
      if (known.size === 'sickly') throw new PartialFailure('it came up, but answers 500', id, outputs)
      return { id, outputs }
    },
    async read(_type, id) {
      calls.push('read')
      await behave('read')
      const found = stored.get(id)
      return found === undefined ? undefined : { id, ...found }
    },
    async update(_type, id, _old, inputs, _urn, preview) {
      calls.push(preview ? 'preview update' : 'update')
      const outputs = { ...stored.get(id)?.outputs, ...inputs }
      if (!preview) stored.set(id, { inputs, outputs })
      return { outputs }
    },
    async delete(_type, id) {
      calls.push('delete')
      await behave('delete')
      stored.delete(id)
    },
    async invoke(token, args) {
      calls.push('invoke')
      return { token, ...args }
    },
  })
  return {
    name,
    version: '1.0.0',
    stored,
    calls,
    configured,
    broken,
    hanging,
    async configure(variables) {
      if (variables.token === 'wrong') throw new Error('InvalidToken: who are you?')
      configured.push(variables)
      return operations(variables.account)
    },
  }
}
