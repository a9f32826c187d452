import { type Input, secret } from '@pulumi/pulumi'
import type { RunningComponent } from '../../contract/component.ts'
import type { ProgramContext } from '../../contract/engine.ts'
import { passwordsOf } from '../../parts/password/kept-back.ts'
import { artifactOf } from './artifact-of.ts'
import { Process, type ProcessArgs } from './resources.ts'

/** A process that runs code of the workspace, with its environment and what it uses. */
export function runProcess(
  context: Pick<ProgramContext, 'artifact' | 'slug' | 'environment' | 'uses'> & { component: RunningComponent },
  own: Omit<ProcessArgs, 'name' | 'source' | 'digest' | 'bytes' | 'memory' | 'environment' | 'stores'>,
  files: Pick<ProcessArgs, 'source' | 'digest' | 'bytes'> = artifactOf(context),
): Process {
  const { component, slug, environment, uses } = context
  const stores = Object.values(uses).flatMap(({ store }) => (store === undefined ? [] : [store as Input<string>]))
  return new Process(component.name, {
    name: slug,
    ...files,
    ...own,
    memory: component.memoryMb,
    // Which of them are secret is not known here, so all are.
    environment: secret({ ...environment, ...passwordsOf(uses) }),
    // What is left out is as it was before there was such a thing: no difference where nothing is used.
    ...(stores.length === 0 ? {} : { stores }),
  })
}
