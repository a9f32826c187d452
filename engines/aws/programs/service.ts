import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramModule } from '../../contract/engine.ts'
import { declareFunction, packFor } from './function.ts'

/** A Node server, started inside a function. */
export default {
  kind: 'service',
  pack: packFor,
  declare(context) {
    if (context.component.kind !== 'service') {
      throw new PipiError(
        'platform.internal',
        `expected a service, got the ${context.component.kind} "${context.component.name}"`,
      )
    }
    // Lambda's smallest size is 128 MB.
    return declareFunction(context, { memoryMb: Math.max(128, context.component.memoryMb), timeoutS: 10 })
  },
} satisfies ProgramModule<'service'>
