import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** Static files, answered by a function: object storage has no free part here. */
export default {
  kind: 'site',
  pack: packFor,
  declare: (context) => declareFunction(context, { memoryMb: 128, timeoutS: 3 }),
} satisfies ProgramModule<'site'>
