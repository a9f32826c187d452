import type { ProgramModule } from '../../contract/engine.ts'
import { declareFunction } from './declare-function.ts'
import { packModule } from './pack-module.ts'

/** Static files, answered by a function: nothing that serves files is free for good. */
export default {
  kind: 'site',
  pack: packModule,
  declare: (context) => declareFunction({ ...context, environment: {}, uses: {} }, { memoryMb: 128, timeoutS: 2 }),
} satisfies ProgramModule<'site'>
