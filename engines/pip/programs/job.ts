import type { ProgramModule } from '../../contract/engine.ts'
import { packFolder } from './pack-folder.ts'
import { runProcess } from './run-process.ts'

/** A module that the supervisor runs at given times, each time in a process of its own. */
export default {
  kind: 'job',
  pack: packFolder,
  declare(context) {
    const { main, schedule, timeoutS } = context.component
    // Its address is empty: nobody can call it.
    return { url: runProcess(context, { runtime: 'job', main, schedule, timeout: timeoutS }).url }
  },
} satisfies ProgramModule<'job'>
