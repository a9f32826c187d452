import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** A function of the workspace behind a URL of its own. */
export default {
  kind: 'function',
  pack: packFor,
  declare(context) {
    const { memoryMb, timeoutS } = context.component
    return declareFunction(context, { memoryMb: Math.max(128, memoryMb), timeoutS })
  },
} satisfies ProgramModule<'function'>
