import type { BehaviourTable } from '../../../engines/contract/behaviour.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { connect } from '../../../stacks/guard/relay.ts'
import type { Values } from '../../../stacks/wire/values.ts'
import type { Declared } from '../declared/declared.ts'
import { usedTypes } from '../declared/used.ts'
import { askSchema, type PackageSchema } from '../schema/package-schema.ts'
import { compareAnswers } from './answers.ts'
import { openAsked } from './asked.ts'
import { type Finding, notComparable } from './finding.ts'
import { compareWithSchema } from './with-schema.ts'

export interface CompareOptions {
  engine: Engine
  table: BehaviourTable
  /** What the engine's programs and walls declare, resolved at the simulated platform. */
  declared: readonly Declared[]
  /** gRPC addresses by provider name: the plugins, and the simulation that they are compared with. */
  plugins: Readonly<Record<string, string>>
  simulation: Readonly<Record<string, string>>
  /** Configuration for each of both sides. */
  configuration: { plugins: Values; simulation: Values }
}

/** Every type that an engine uses, at its plugins and at its simulated platform: schema, then Check and Diff. */
export async function compareEngine(options: CompareOptions): Promise<Finding[]> {
  const { engine, table, declared, plugins } = options
  const schemas = new Map<string, PackageSchema>()
  for (const [provider, address] of Object.entries(plugins)) schemas.set(provider, await schemaAt(address))
  const plugin = openAsked(plugins, options.configuration.plugins)
  const simulation = openAsked(options.simulation, options.configuration.simulation)
  try {
    const findings: Finding[] = []
    for (const used of usedTypes(engine, declared, table.types)) {
      const schema = schemas.get(used.type.split(':')[0] ?? '')
      // Another provider's: one of ours beside the plugin.
      if (schema === undefined) continue
      if (schema.isEmpty) findings.push(notComparable(used.type, 'type', 'this provider publishes no schema'))
      else findings.push(...compareWithSchema(used, schema))
      findings.push(...(await compareAnswers(used, plugin, simulation)))
    }
    return findings
  } finally {
    plugin.close()
    simulation.close()
  }
}

async function schemaAt(address: string): Promise<PackageSchema> {
  const client = connect(address)
  try {
    return await askSchema(client)
  } finally {
    client.close()
  }
}
