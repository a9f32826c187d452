import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** Static files, answered by a function: a public bucket has no page for its root without a load balancer. */
export default {
  kind: 'site',
  pack: packFor,
  declare: (context) => declareFunction(context, { memoryMb: 256, timeoutS: 5 }),
} satisfies ProgramModule<'site'>
