import { createHash } from 'node:crypto'
import { type Input, output, secret } from '@pulumi/pulumi'
import { usedEnvironment } from '../../contract/component.ts'
import type { ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import { type Project, Secret } from './resources.ts'

/**
 * A component's environment as a secret of its project, and what tells that it changed: whatever runs takes what the
 * secret holds when it is deployed, and without a change of its own it never would be. Undefined: it has none.
 */
export function environmentOf(
  {
    component,
    slug,
    environment,
    uses,
  }: Pick<ProgramContext, 'slug' | 'environment' | 'uses'> & { component: { name: string } },
  project: Project,
): { secret: Secret; digest: Input<string> } | undefined {
  const all = { ...environment, ...keysOf(uses) }
  if (Object.keys(all).length === 0) return undefined
  const kept = new Secret(`${component.name}-environment`, { project: project.id, name: slug, data: secret(all) })
  return { secret: kept, digest: secret(digestOf(all)) }
}

/** What a database gives to those that use it besides its address: `open-data` has its key in `OPEN_DATA_APIKEY`. */
function keysOf(uses: Record<string, ProgramOutputs>): Record<string, Input<string>> {
  return Object.fromEntries(
    Object.entries(uses).flatMap(([name, { apikey }]) =>
      apikey === undefined
        ? []
        : [[usedEnvironment(name).replace(/_URL$/, '_APIKEY'), secret(apikey as Input<string>)]],
    ),
  )
}

function digestOf(environment: Record<string, Input<string>>) {
  return output(environment).apply((known) =>
    createHash('sha256')
      .update(JSON.stringify(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1))))
      .digest('hex'),
  )
}
