import { secret } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { artifactOf } from './artifact-of.ts'
import { packFolder } from './pack-folder.ts'
import { Process } from './resources.ts'

/** A Node server in a process of its own. */
export default {
  kind: 'service',
  pack: packFolder,
  declare(context) {
    const { main, health, memoryMb, name } = context.component
    const { url } = new Process(name, {
      name: context.slug,
      runtime: 'node',
      ...artifactOf(context),
      main,
      health,
      memory: memoryMb,
      // Which of them are secret is not known here, so all are.
      environment: secret(context.environment),
    })
    return { url }
  },
} satisfies ProgramModule<'service'>
