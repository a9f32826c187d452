import type { Input } from '@pulumi/pulumi'
import { usedEnvironment } from '../../contract/component.ts'
import type { ProgramContext } from '../../contract/engine.ts'
import { keptBackOf } from '../../parts/password/kept-back.ts'

/** The environment of what runs. Of a database its variable holds what lets one in as well: it is a secret then. */
export function settingsOf({
  environment,
  uses,
}: Pick<ProgramContext<'service' | 'function'>, 'environment' | 'uses'>): Record<string, Input<string>> {
  const settings = { ...environment }
  for (const [name, outputs] of Object.entries(uses)) {
    const connection = keptBackOf(outputs)
    if (connection !== undefined) settings[usedEnvironment(name)] = connection
  }
  return settings
}
