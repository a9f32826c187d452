import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** A Node server, started inside a function. */
export default {
  kind: 'service',
  pack: packFor,
  declare(context) {
    // Lambda's smallest size is 128 MB.
    return declareFunction(context, { memoryMb: Math.max(128, context.component.memoryMb), timeoutS: 10 })
  },
} satisfies ProgramModule<'service'>
