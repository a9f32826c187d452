import type { ProgramModule } from '../../contract/engine.ts'
import { declareFunction } from './declare-function.ts'
import { packModule } from './pack-module.ts'

/** A Node server, started inside a function. */
export default {
  kind: 'service',
  pack: packModule,
  declare: (context) => declareFunction(context, { memoryMb: context.component.memoryMb, timeoutS: 4 }),
} satisfies ProgramModule<'service'>
