import type { ProgramModule } from '../../contract/engine.ts'
import { declareFunction } from './declare-function.ts'
import { packModule } from './pack-module.ts'

/** A module that answers requests. */
export default {
  kind: 'function',
  pack: packModule,
  declare: (context) => declareFunction(context, context.component),
} satisfies ProgramModule<'function'>
