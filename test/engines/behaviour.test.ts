import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BehaviourTable, readBehaviour } from '../../engines/contract/behaviour.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import { sandboxModuleOf, scanEngines } from '../../engines/scan.ts'
import { loadCloud } from '../../stacks/sandbox/load-cloud.ts'
import { sdkVersion } from '../../stacks/toolchain/sdk-version.ts'
import { type Clouds, startClouds } from '../contract/all-clouds.ts'
import { altered } from '../contract/compare/altered.ts'
import { filledIn } from '../contract/compare/answers.ts'
import { type AskedProvider, openAsked } from '../contract/compare/asked.ts'
import { compareEngine } from '../contract/compare/engine.ts'
import { lineOf } from '../contract/compare/finding.ts'
import { compareWithSchema } from '../contract/compare/with-schema.ts'
import { type Declared, declaredAt, plannedAt, sandboxConfiguration } from '../contract/declared/declared.ts'
import { type ExampleSource, exampleSource } from '../contract/declared/examples.ts'
import { usedTypes } from '../contract/declared/used.ts'
import { sdkSchema } from '../contract/schema/sdk-schema.ts'
import { tempFolder } from '../helpers/temp.ts'

const engines = [...(await scanEngines()).values()].filter(({ programs }) => Object.keys(programs).length > 0)
let clouds: Clouds
let source: ExampleSource

beforeAll(async () => {
  clouds = await startClouds(engines)
  source = await exampleSource(await tempFolder('examples'))
})
afterAll(() => clouds.close())

describe.each(engines.map((engine) => [engine.dna.code, engine] as const))(
  'the table of behaviour of %s',
  (_, engine) => {
    let table: BehaviourTable
    let declared: Declared[]
    let own: { address: string; close(): Promise<void> } | undefined
    let provider: AskedProvider

    beforeAll(async () => {
      table = await readBehaviour(engine.folder)
      const folder = await tempFolder('packed')
      const upstreams = clouds.sandbox.ready.providers
      declared =
        sandboxModuleOf(engine) === undefined
          ? await plannedAt({ engine, source, folder })
          : await declaredAt({ engine, upstreams, source, folder })
      own = await engine.startProvider?.({ dataDir: folder, companion: 'http://127.0.0.1:9' })
      // A provider of ours answers Check and Diff by itself, without its platform.
      const ours = engine.dna.provider === 'in-process' ? { [engine.dna.providers[0] ?? '']: own?.address ?? '' } : {}
      provider = openAsked({ ...upstreams, ...ours }, sandboxConfiguration(engine))
    })
    afterAll(async () => {
      provider?.close()
      await own?.close()
    })

    it('has a line for each type that its programs and walls declare, and no other', () => {
      const types = [...new Set(declared.map(({ type }) => type))].sort()
      expect(Object.keys(table.types).sort()).toEqual(types)
    })

    const simulated = engine.dna.provider === 'plugin'
    if (simulated)
      it('says of each type what the simulation says: what replaces, in which order, its tags and its secrets', async () => {
        const { resources } = await loadCloud(sandboxModuleOf(engine) ?? '', engine.dna.code)
        // What the provider of ours does without a cloud has no simulation: it is asked below.
        const types = Object.keys(table.types).filter((type) => resources[type] !== undefined || !isOurs(type))
        const told = types.map((type) => [type, shape(table.types[type])])
        const done = types.map((type) => [type, shape(resources[type])])
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(done))
      })

    it('says what is filled in and what is made anew when Check and Diff are asked', async () => {
      const wrong: string[] = []
      const filled = new Set<string>()
      const changed = new Set<string>()
      for (const one of declared) {
        const { type, asked } = one
        const line = table.types[type]
        const checked = await provider.check(one, asked)
        const name = `${type} ${one.urn.split('::').at(-1)}`
        for (const failure of checked.failures) wrong.push(`${name} is refused: ${failure.property} ${failure.reason}`)
        for (const [path, value] of filledIn(asked, checked.inputs)) {
          filled.add(`${type} ${path}`)
          if (!isDeepStrictEqual(line?.defaults[path], value))
            wrong.push(`${name} is given ${path} = ${JSON.stringify(value)}`)
        }
        for (const path of Object.keys(asked)) {
          // The same of each resource of a type.
          if (changed.has(`${type} ${path}`)) continue
          changed.add(`${type} ${path}`)
          const news = altered(asked, path)
          const again = news === undefined ? undefined : await provider.check(one, news)
          if (again === undefined || again.failures.length > 0) continue
          const { replaces, deleteBeforeReplace } = await provider.diff(one, checked.inputs, again.inputs)
          const [anew, told] = [replaces.length > 0, line?.replaceOn.some((each) => each === path) === true]
          const inside = line?.replaceOn.some((each) => each.startsWith(`${path}.`)) === true
          if (anew !== told && !inside) wrong.push(`${name} ${path}: ${anew ? 'is' : 'is not'} made anew`)
          if (anew && deleteBeforeReplace !== line?.deleteBeforeReplace && simulated)
            wrong.push(`${name} ${path}: deleteBeforeReplace is ${deleteBeforeReplace}`)
        }
      }
      expect(wrong).toEqual([])
      const unseen = Object.entries(table.types).flatMap(([type, { defaults }]) =>
        Object.keys(defaults).filter((path) => !filled.has(`${type} ${path}`) && !isGiven(type, path)),
      )
      expect(unseen).toEqual([])
    })

    it('quotes refusals in the words of the simulation', async () => {
      const text = (await Promise.all(['sandbox', 'provider', 'supervisor'].map((each) => textOf(engine, each)))).join(
        '\n',
      )
      const quotes = Object.entries(table.types).flatMap(([type, { errors }]) => errors.map(({ says }) => [type, says]))
      const unsaid = quotes.filter(([, says = '']) => says.split('…').some((part) => !text.includes(part.trim())))
      expect(unsaid).toEqual([])
    })

    if (engine.dna.providers.every((name) => sdkVersion(name) !== undefined))
      it('agrees with the installed SDK on inputs, on what is required and on what is secret', () => {
        const findings = usedTypes(engine, declared, table.types).flatMap((used) => {
          const schema = sdkSchema(used.type.split(':')[0] ?? '', [used.type])
          return schema === undefined ? [] : compareWithSchema(used, schema)
        })
        expect(findings.filter(({ verdict }) => verdict === 'different').map(lineOf)).toEqual([])
      })

    const names = engine.dna.inProcess
    if (names.length > 0)
      it('holds for the provider of ours that stands beside the plugin, too', async () => {
        const configuration = sandboxConfiguration(engine)
        const findings = await compareEngine({
          ...{ engine, table, declared, simulation: clouds.sandbox.ready.providers },
          plugins: Object.fromEntries(names.map((name) => [name, own?.address ?? ''])),
          configuration: { plugins: configuration, simulation: configuration },
        })
        expect(findings.filter(({ verdict }) => verdict === 'different').map(lineOf)).toEqual([])
        expect(findings.filter(({ behaviour }) => behaviour === 'replaces')).not.toEqual([])
      })

    function isOurs(type: string): boolean {
      return engine.dna.inProcess.some((name) => type.startsWith(`${name}:`))
    }

    function isGiven(type: string, path: string): boolean {
      const [root = ''] = path.split('.')
      return declared.some((one) => one.type === type && one.asked[root] !== undefined)
    }
  },
)

interface Shape {
  replaceOn: readonly string[]
  deleteBeforeReplace?: boolean
  tagProperty?: string | null
  secretOutputs?: readonly string[]
}

function shape(of: Shape | undefined) {
  return {
    replaceOn: [...(of?.replaceOn ?? ['no such type'])].sort(),
    deleteBeforeReplace: of?.deleteBeforeReplace ?? false,
    tagProperty: of?.tagProperty ?? null,
    secretOutputs: [...(of?.secretOutputs ?? [])].sort(),
  }
}

/** All that an engine's simulation, or its provider, says. */
async function textOf(engine: Engine, folder: string): Promise<string> {
  const files = await readdir(join(engine.folder, folder), { recursive: true }).catch(() => [])
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFile(join(engine.folder, folder, file), 'utf8'))
  return (await Promise.all(texts)).join('\n').replaceAll("\\'", "'").replaceAll('\\`', '`')
}
