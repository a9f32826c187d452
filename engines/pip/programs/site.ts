import type { ProgramModule } from '../../contract/engine.ts'
import { artifactOf } from './artifact-of.ts'
import { domainsOf } from './domains-of.ts'
import { packFolder } from './pack-folder.ts'
import { Process } from './resources.ts'

/** MiB of its own that the server of static files may hold: 9 when idle, 50 with 800 slow readers at once. */
const MEMORY = 64

/** Static files, served by a small server of ours in a process of their own. */
export default {
  kind: 'site',
  pack: packFolder,
  declare(context) {
    const { url } = new Process(context.component.name, {
      name: context.slug,
      runtime: 'static',
      ...artifactOf(context),
      memory: MEMORY,
      ...domainsOf(context.component, context.surroundings),
    })
    return { url }
  },
} satisfies ProgramModule<'site'>
