import type { ProgramModule } from '../../contract/engine.ts'
import { domainsOf } from './domains-of.ts'
import { packFolder } from './pack-folder.ts'
import { runProcess } from './run-process.ts'

/** A module that a small server of ours calls for each request, in a process of its own that is there all the time. */
export default {
  kind: 'function',
  pack: packFolder,
  declare(context) {
    const { main, timeoutS } = context.component
    const own = {
      runtime: 'function',
      main,
      timeout: timeoutS,
      ...domainsOf(context.component, context.surroundings),
    } as const
    return { url: runProcess(context, own).url }
  },
} satisfies ProgramModule<'function'>
