import type { Engine } from '../../../engines/contract/engine.ts'
import { type Manifest, manifestSchema } from '../../../engines/contract/manifest.ts'
import type { Found } from '../../../engines/contract/watch.ts'
import { configurationOf } from '../../../factory/stem-cell/configuration.ts'
import { openWatchContext } from '../../../factory/stem-cell/watch/context.ts'
import type { Deployment } from '../../../platform/store/deployment.ts'
import { type OpenPlatformReader, openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import type { StateResource } from '../../../stacks/state/read.ts'
import { isAtPlatform } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { different, type Finding, notComparable, same } from '../compare/finding.ts'
import { exampleComponents } from '../declared/examples.ts'
import { type DeployOptions, openClone, type PluginClone } from './clone.ts'

/**
 * Deploys the examples through the real driver, guard and relay with plugins as upstreams, looks everything up by its
 * rule and in the engine's survey, destroys it, and looks again. One workspace for all kinds, as they use each other.
 */
export async function deployThrough(options: DeployOptions, say: (line: string) => void): Promise<Finding[]> {
  const { engine } = options
  const manifest = manifestSchema.parse({
    ...{ apiVersion: 'pipi/v1', name: 'contract', components: exampleComponents(engine, options.base) },
  })
  const clone = await openClone(options)
  const platform = readerAt(options)
  try {
    say(`deploying ${manifest.components.map(({ kind }) => kind).join(', ')}`)
    const deployed = await clone.carry('deploy', manifest)
    const held = (await clone.resources(deployed)).filter(isAtPlatform)
    say(`${deployed.status}: ${held.length} resources`)
    const found = [...deployment(deployed, held), ...(await lookUp(options, clone, deployed, held, platform))]
    return [...found, ...(await destroy(options, clone, manifest, held, platform, say))]
  } finally {
    platform.close()
    await clone.close()
  }
}

function deployment({ status, error, refusal }: Deployment, held: readonly StateResource[]): Finding[] {
  if (status === 'succeeded') return typesOf(held).map((type) => same(type, 'deployed'))
  const why = [error?.phase, error?.message ?? refusal?.message, ...(error?.lines ?? [])].filter(Boolean).join(' ')
  return [
    different('(the whole workspace)', 'deployed', status, why),
    ...typesOf(held).map((type) => same(type, 'deployed', 'made before it failed')),
  ]
}

async function lookUp(
  options: DeployOptions,
  clone: PluginClone,
  deployed: Deployment,
  held: readonly StateResource[],
  platform: OpenPlatformReader,
): Promise<Finding[]> {
  const workspace = await clone.workspaceOf(deployed)
  const seen = await survey(options)
  const listed = await options.engine.watch.surveyed?.()
  const found: Finding[] = []
  for (const { type, id = '', inputs } of held) {
    const rule = options.engine.rules[type]
    try {
      const named = await rule?.find(rule.lookup(plain(inputs)), platform, workspace)
      // Some go by another name when they are looked up than afterwards.
      const at = named === undefined || named === id ? named : (await platform.read(type, named))?.id
      found.push(at === id ? same(type, 'found') : different(type, 'found', id, `its look-up found ${at ?? 'nothing'}`))
    } catch (error) {
      found.push(notComparable(type, 'found', error instanceof Error ? error.message : String(error)))
    }
    if (typeof seen !== 'string' && listed?.includes(type) === true && !seen.some((one) => one.type === type))
      found.push(different(type, 'found', id, 'the survey does not show it'))
  }
  return found
}

async function destroy(
  options: DeployOptions,
  clone: PluginClone,
  manifest: Manifest,
  held: readonly StateResource[],
  platform: OpenPlatformReader,
  say: (line: string) => void,
): Promise<Finding[]> {
  const destroyed = await clone.carry('destroy', manifest)
  say(`destroyed: ${destroyed.status}`)
  const why = destroyed.error?.message ?? destroyed.refusal?.message ?? ''
  const left =
    destroyed.status === 'succeeded' ? [] : [different('(the whole workspace)', 'gone', destroyed.status, why)]
  const seen = await survey(options)
  const found: Finding[] = []
  for (const { type, id = '' } of held) {
    try {
      const there = await platform.read(type, id)
      found.push(there === undefined ? same(type, 'gone') : different(type, 'gone', id, 'it can still be read'))
    } catch (error) {
      found.push(notComparable(type, 'gone', error instanceof Error ? error.message : String(error)))
    }
    if (typeof seen !== 'string' && seen.some((one) => one.type === type && one.id === id))
      found.push(different(type, 'gone', id, 'the survey still shows it'))
  }
  return [...left, ...found, ...(typeof seen === 'string' ? [notComparable('(the survey)', 'gone', seen)] : [])]
}

/** What stands there, as the engine's own survey sees it; a text: why it cannot be asked. */
async function survey(options: DeployOptions): Promise<Found[] | string> {
  const { engine, credentials, platformApi, upstreams, account } = options
  if (engine.watch.survey === undefined) return `${engine.dna.name} has no survey`
  const context = await openWatchContext({
    birth: { engine, credentials, platformApi },
    upstreams,
    cloudAccount: { ...account, engine: engine.dna.code, consentWatched: true },
    now: Date.now(),
    signal: AbortSignal.timeout(120_000),
  })
  try {
    return await engine.watch.survey(context)
  } catch (error) {
    return `the survey failed: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    context.close()
  }
}

function readerAt({ engine, upstreams, credentials, account, platformApi }: DeployOptions): OpenPlatformReader {
  const region = engine.dna.regions[0] ?? ''
  const secret = engine.dna.credentials.find((one) => one.secret)?.config ?? ''
  return openPlatformReader({
    upstreams,
    configuration: configurationOf({ engine, credentials }, { region, cloudAccount: account.id }),
    stack: { project: `pipi-${engine.dna.code}`, stack: 'contract' },
    ...apiOf(engine, platformApi, credentials[secret]),
  })
}

/** Where look-ups go that ask the platform's own HTTP API by path, as a stem cell's do. */
function apiOf(engine: Engine, platformApi: string | undefined, secret: string | undefined) {
  const url = platformApi ?? engine.dna.api
  return url === undefined || secret === undefined
    ? {}
    : { api: { url, headers: { authorization: `Bearer ${secret}` } } }
}

function typesOf(held: readonly StateResource[]): string[] {
  return [...new Set(held.map(({ type }) => type))].sort()
}
