import type { ProgramModule } from '../../contract/engine.ts'
import { declareFunction, packFor } from './declare-function.ts'

/** A Node server, started inside a function. */
export default {
  kind: 'service',
  pack: packFor,
  declare(context) {
    // The framework itself needs some 70 MB beside the server.
    return declareFunction(context, { memoryMb: Math.max(256, context.component.memoryMb), timeoutS: 10 })
  },
} satisfies ProgramModule<'service'>
