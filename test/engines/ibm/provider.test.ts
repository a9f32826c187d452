import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { IbmCloud } from '../../../engines/ibm/provider/cloud.ts'
import { ibmProvider, startProvider } from '../../../engines/ibm/provider/index.ts'
import type { ConfiguredProvider, Values } from '../../../stacks/contract/provider.ts'
import { plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { useCloud } from '../use-cloud.ts'

const PROJECT = 'ibm:codeengine/project:Project'
const SECRET = 'ibm:codeengine/secret:Secret'
const FUNCTION = 'ibm:codeengine/function:Function'
const INSTANCE = 'ibm:cloudant/instance:Instance'
const DATABASE = 'ibm:cloudant/database:Database'
const KEY = 'ibm:resource/key:Key'

const cloud = useCloud('ibm')
let provider: ConfiguredProvider

function configured(given: Record<string, string> = {}): Promise<ConfiguredProvider> {
  const own = Object.fromEntries(cloud.engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  return ibmProvider(`${cloud.sandbox.ready.api}/api/ibm`).configure({ ...own, ...given })
}

function strike(type: string, fault: Record<string, unknown>): Promise<unknown> {
  return cloud.sandbox.admin('POST', '/fault', { engine: 'ibm', type, operation: 'create', ...fault })
}

async function made(type: string, inputs: Values, by = provider): Promise<{ id: string; outputs: Values }> {
  const checked = await by.check(type, inputs, undefined, 'urn')
  expect(checked.failures).toEqual([])
  return by.create(type, checked.inputs, `urn:pulumi:test::wire::${type}::one`, false)
}

async function standing(type: string): Promise<number> {
  return (await cloud.inventory()).filter((one) => one.type === type).length
}

/** A module that answers with a word. */
async function moduleSaying(word: string): Promise<{ source: string; digest: string }> {
  const text = `module.exports.main = () => ({ body: '${word}' })\n`
  const source = join(await tempFolder('module'), 'main.cjs')
  await writeFile(source, text)
  return { source, digest: createHash('sha256').update(text).digest('hex') }
}

async function functionIn(project: string, name: string, word: string): Promise<Values> {
  return { project, name, runtime: 'nodejs-24', ...(await moduleSaying(word)), cpu: 0.25, memory: 1, timeout: 5 }
}

beforeEach(async () => {
  provider = await configured()
})

describe('the provider of IBM Cloud', () => {
  it('makes one of each, whatever answer is lost after it was made', async () => {
    for (const type of [PROJECT, SECRET, FUNCTION, INSTANCE, DATABASE, KEY])
      await strike(type, { kind: 'error', moment: 'after' })
    const project = await made(PROJECT, { name: 'lost', region: 'us-south' })
    const secret = { project: project.id, name: 'lost', data: new Secret({ WORD: 'silent' }) }
    await made(SECRET, secret)
    const fn = await made(FUNCTION, await functionIn(project.id, 'lost', 'found'))
    const instance = await made(INSTANCE, { name: 'lost', region: 'us-south', plan: 'lite' })
    await made(DATABASE, { host: instance.outputs.host, name: 'lost' })
    const key = await made(KEY, { name: 'lost', source: instance.outputs.crn, role: 'Writer' })
    for (const type of [PROJECT, SECRET, FUNCTION, INSTANCE, DATABASE, KEY]) expect(await standing(type), type).toBe(1)
    expect(await (await fetch(String(fn.outputs.url))).text()).toBe('found')
    expect(key.outputs.apikey).toBeInstanceOf(Secret)
    await strike(SECRET, { kind: 'error', moment: 'after', operation: 'update' })
    const louder = { ...secret, data: new Secret({ WORD: 'loud' }) }
    await provider.update(SECRET, `${project.id}/lost`, secret, louder, 'urn', false)
    const kept = await provider.read(SECRET, `${project.id}/lost`, 'urn', undefined)
    expect(plain(kept?.inputs ?? {})).toMatchObject({ data: { WORD: 'loud' } })
    // What a crash left is found again by what its inputs said, before anybody knew an id.
    for (const [type, inputs, id] of [
      [PROJECT, { name: 'lost', region: 'us-south' }, project.id],
      [FUNCTION, { project: project.id, name: 'lost' }, fn.id],
      [INSTANCE, { name: 'lost' }, instance.id],
      [KEY, { name: 'lost' }, key.id],
    ] as const) {
      const rule = cloud.engine.rules[type]
      const reader = cloud.reader()
      expect(await rule?.find(rule.lookup(inputs), reader, 'w1'), type).toBe(id)
      expect(await rule?.find(rule.lookup({ ...inputs, name: 'nobody' }), reader, 'w1'), type).toBeUndefined()
      reader.close()
    }
  })

  it('waits where it is asked to, and refuses in IBM’s words a name that somebody has', async () => {
    await strike(PROJECT, { kind: 'throttle', count: 2 })
    await strike('iam.cloud.ibm.com/identity/token', { kind: 'throttle', operation: 'api' })
    const inputs = { name: 'taken', region: 'eu-de' }
    await made(PROJECT, inputs)
    expect(await cloud.sandbox.admin('GET', '/fault')).toEqual({ faults: [] })
    await expect(made(PROJECT, inputs)).rejects.toThrow(/POST https:\/\/api\.eu-de\..*: 409 .*"taken" exists already/)
    await expect(made(INSTANCE, { name: 'second', region: 'eu-de', plan: 'lite' })).rejects.toThrow(
      /403 .*only have one instance of a Lite plan/,
    )
    expect(await standing(INSTANCE)).toBe(1)
  })

  it('gives up what it waits for when the run is cancelled', async () => {
    await strike(PROJECT, { kind: 'throttle', count: 50 })
    const creating = made(PROJECT, { name: 'slow', region: 'us-east' })
    const asked = cloud.sandbox.admin('GET', '/fault')
    await asked
    provider.cancel?.()
    await expect(creating).rejects.toThrow('the run was cancelled')
    await cloud.sandbox.admin('DELETE', '/fault')
    expect((await cloud.inventory()).some((one) => one.inputs.name === 'slow')).toBe(false)
  })

  it('gives up what is never answered once the time of an operation is over', async () => {
    const [apikey, resourceGroup] = cloud.engine.dna.credentials.map((one) => one.sandbox)
    const account = {
      apikey: apikey ?? '',
      resourceGroup: resourceGroup ?? '',
      base: `${cloud.sandbox.ready.api}/api/ibm`,
    }
    const ibm = IbmCloud.open(account, new AbortController().signal)
    const asking = { method: 'GET', url: 'https://resource-controller.cloud.ibm.com/v2/resource_instances' } as const
    expect(await ibm.ask(asking)).toHaveProperty('resources')
    await cloud.sandbox.admin('POST', '/fault', { engine: 'ibm', operation: 'api', kind: 'hang', count: 50 })
    const hour = { method: 'POST', body: {}, url: asking.url } as const
    await expect(ibm.within(200).make(hour, () => ibm.within(200).ask(asking))).rejects.toThrow(/no answer came/)
    await cloud.sandbox.admin('DELETE', '/fault')
  })

  it('changes a function in place, closes it to the public and opens it again at its address', async () => {
    const project = await made(PROJECT, { name: 'changing', region: 'us-south' })
    const one = await functionIn(project.id, 'changing', 'one')
    const { id, outputs } = await made(FUNCTION, one)
    const url = String(outputs.url)
    const two = { ...one, ...(await moduleSaying('two')) }
    const elsewhere = { ...one, source: (await moduleSaying('one')).source }
    // The same module at another place is no change.
    expect((await provider.diff(FUNCTION, id, one, elsewhere, 'urn')).changes).toBe(false)
    expect(await provider.diff(FUNCTION, id, one, two, 'urn')).toMatchObject({ changes: true, replaces: [] })
    expect(await provider.diff(FUNCTION, id, one, { ...one, project: 'eu-de/x' }, 'urn')).toMatchObject({
      replaces: ['project'],
      deleteBeforeReplace: true,
    })
    const change = async (inputs: Values) => {
      const checked = await provider.check(FUNCTION, inputs, one, 'urn')
      return (await provider.update(FUNCTION, id, one, checked.inputs, 'urn', false)).outputs.url
    }
    // Whether the answer is lost or nothing was done: it is changed once.
    await strike(FUNCTION, { kind: 'error', moment: 'after', operation: 'update' })
    expect(await change(two)).toBe(url)
    expect(await (await fetch(url)).text()).toBe('two')
    // Whoever stops it need not have its code at hand.
    const still = { ...cloud.engine.rules[FUNCTION]?.suspended?.(two), source: '/nowhere' }
    expect(await change(still)).toBe('')
    expect((await fetch(url)).status).toBe(404)
    await strike(FUNCTION, { kind: 'throttle', operation: 'update' })
    expect(await change(two)).toBe(url)
    expect((await fetch(url)).status).toBe(200)
    // Whoever reads it back has the inputs that it was made of.
    const read = await provider.read(FUNCTION, id, 'urn', two)
    expect(read?.inputs).toEqual({ ...two, concurrency: 1, scaleDownDelay: 1, visibility: 'public' })
    await expect(change({ ...two, digest: '0'.repeat(64) })).rejects.toThrow('is not the one that was packed')
    await provider.delete(FUNCTION, id, outputs, 'urn')
    await provider.delete(FUNCTION, id, outputs, 'urn')
    expect(await provider.read(FUNCTION, id, 'urn', two)).toBeUndefined()
    await provider.delete(PROJECT, project.id, {}, 'urn')
    expect(await provider.read(PROJECT, 'us-south/name:changing', 'urn', undefined)).toBeUndefined()
  })

  it('takes what is not known yet, and says what is wrong with what is', async () => {
    const inputs = { project: UNKNOWN, name: 'Not A Name', runtime: 'nodejs-24', size: 'large' }
    const { failures, inputs: checked } = await provider.check(FUNCTION, inputs, undefined, 'urn')
    const said = failures.map((one) => one.property)
    expect(said).toEqual(expect.arrayContaining(['size', 'name', 'source', 'digest', 'cpu', 'memory', 'timeout']))
    expect(said).not.toContain('project')
    expect(checked).toMatchObject({ project: UNKNOWN, scaleDownDelay: 1, visibility: 'public' })
    const preview = await provider.create(FUNCTION, { project: UNKNOWN }, 'urn', true)
    expect(preview).toEqual({ id: '', outputs: { project: UNKNOWN, url: UNKNOWN } })
  })

  it('is refused with another key, whose value no error holds', async () => {
    const wrong = await configured({ apikey: 'not-a-key-of-anybody' })
    const failure = await made(PROJECT, { name: 'mine', region: 'us-south' }, wrong).catch((error: Error) => error)
    expect(String(failure)).toContain('POST https://api.us-south.codeengine.cloud.ibm.com/v2/projects: 400')
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('not-a-key-of-anybody')
    await expect(configured({ resourceGroup: 'default' })).rejects.toThrow('32 hex digits')
    const served = await startProvider()
    expect(served.address).toMatch(/^127\.0\.0\.1:\d+$/)
    await served.close()
  })
})
