import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** A Node server, started inside a function. */
export default {
  kind: 'service',
  pack: packFor,
  declare: (context) => declareFunction(context, { memoryMb: context.component.memoryMb, timeoutS: 10 }),
} satisfies ProgramModule<'service'>
