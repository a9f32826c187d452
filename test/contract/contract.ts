import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import { readBehaviour } from '../../engines/contract/behaviour.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import { loadEngine } from '../../engines/scan.ts'
import { cacheFolder } from '../../stacks/toolchain/cache-folder.ts'
import { ensurePulumi } from '../../stacks/toolchain/ensure-pulumi.ts'
import type { Asked } from './arguments.ts'
import { compareEngine } from './compare/engine.ts'
import { type Finding, lineOf } from './compare/finding.ts'
import { declaredAt, sandboxConfiguration } from './declared/declared.ts'
import { exampleSource } from './declared/examples.ts'
import { deployThrough } from './deploy/deploy-through.ts'
import { requireAccount } from './deploy/require-account.ts'
import { whereToDeploy } from './deploy/where.ts'
import { inPlace } from './place.ts'
import { obtainPlugin, wayOut } from './plugins/obtain.ts'
import { readPluginSettings, sentTo } from './plugins/settings.ts'
import { startPlugins } from './plugins/start.ts'
import { wantedPlugins } from './plugins/wanted.ts'
import { sumOf, tableOf } from './table.ts'

/** An emulator answers quickly, a platform builds for minutes. Milliseconds. */
const DEPLOYED_WITHIN_MS = 3_600_000

type Outcome = { skipped: string[] } | { findings: Finding[] }
type Say = (line: string) => void

/**
 * Compares what an engine's programs declare at its official plugins and at its simulated platform, and deploys them
 * where that is asked. `skipped` tells why no plugin can be had. Throws `not-found` and `input.invalid`.
 */
export async function runContract(
  asked: Asked,
  environment: Readonly<Record<string, string | undefined>>,
  say: Say,
): Promise<Outcome> {
  const engine = await loadEngine(asked.code)
  requirePlugin(engine)
  const table = await readBehaviour(engine.folder)
  const wanted = wantedPlugins(engine, table)
  const settings = await readPluginSettings()
  // Before anything is got that takes minutes.
  const where = whereToDeploy(asked, engine, environment, (url) => sentTo(url, settings, engine.dna.providers))
  const cache = cacheFolder({ ...environment })
  const pulumi = (await ensurePulumi({ cacheDir: cache, environment: { ...environment }, report: say })).path
  const skipped: string[] = []
  for (const plugin of wanted) {
    const why = await obtainPlugin(plugin, { home: asked.plugins, pulumi, environment, report: say })
    if (why !== undefined) skipped.push(`${plugin.name} ${plugin.version} (${plugin.from}): ${why}`)
  }
  if (skipped.length > 0) return { skipped }

  return inPlace(engine, cache, async ({ folder, db, sandbox }) => {
    const plugins = await startPlugins(wanted, asked.plugins, { ...wayOut(environment), HOME: folder }, say)
    const own = await engine.startProvider?.({ dataDir: folder, companion: undefined })
    try {
      const simulation = sandbox.ready.providers
      const source = await exampleSource(join(folder, 'source'))
      say('declaring the examples at the simulated platform')
      const declared = await declaredAt({ engine, upstreams: simulation, source, folder: join(folder, 'packed') })
      const beside = Object.fromEntries(engine.dna.inProcess.map((name) => [name, own?.address ?? '']))
      const upstreams = { ...plugins.addresses, ...beside }
      const quiet = Object.assign({}, ...wanted.map(({ name }) => settings[name]?.quiet ?? {}))
      const nobodys = sandboxConfiguration(engine)
      const configuration = { plugins: { ...nobodys, ...quiet }, simulation: nobodys }
      const findings = await compareEngine({ engine, table, declared, plugins: upstreams, simulation, configuration })
      if (where === undefined) {
        say('not deployed: neither PIPI_CONTRACT_ENDPOINT nor --real-account')
        return { findings }
      }
      const place = { ...where, upstreams, engine, db, pulumi, withinMs: DEPLOYED_WITHIN_MS }
      if (asked.deploy?.to === 'account') await requireAccount(place, asked.deploy)
      const options = { ...place, source: asked.source ?? source, base: asked.base, folder: join(folder, 'clone') }
      return { findings: [...findings, ...(await deployThrough(options, say))] }
    } finally {
      await own?.close()
      await plugins.close()
    }
  })
}

/** Prints what came of it; gives the exit code: 0 the same or skipped, 1 different. */
export function report(outcome: Outcome, code: string, say: Say): number {
  if ('skipped' in outcome) {
    say(`skipped: the official plugin of ${code} cannot be had here, nothing was compared`)
    for (const line of outcome.skipped) say(`  tried ${line}`)
    return 0
  }
  const { findings } = outcome
  for (const one of findings) if (one.verdict !== 'same') say(lineOf(one))
  say(`\n${tableOf(findings)}\n\n${code}: ${sumOf(findings)}`)
  return findings.some(({ verdict }) => verdict === 'different') ? 1 : 0
}

function requirePlugin({ dna: { code, name, provider, providers } }: Engine): void {
  if (provider === 'plugin') return
  throw new PipiError(
    'input.invalid',
    `${name} has no official plugin: the provider "${providers.join(', ')}" is ours`,
    {
      hint: `it is tested in npm test (test/engines/${code}, test/engines/behaviour.test.ts)`,
    },
  )
}
