import type { ProgramModule } from '../../contract/engine.ts'
import { packFor } from './declare-code.ts'
import { declareFunction } from './declare-function.ts'

/** A function of the workspace behind an address of its own. */
export default {
  kind: 'function',
  pack: packFor,
  declare: (context) => declareFunction(context, context.component),
} satisfies ProgramModule<'function'>
