import type { ProgramContext, ProgramModule, ProgramOutputs } from '../../contract/engine.ts'
import { declareCosmos } from './database/cosmos.ts'
import { declareSql } from './database/sql.ts'

/** Relational: SQL by the free offer. Documents, also by their key alone: Cosmos DB by its free tier. */
export default {
  kind: 'database',
  declare: (context: ProgramContext<'database'>): ProgramOutputs =>
    context.component.model === 'relational' ? declareSql(context) : declareCosmos(context),
} satisfies ProgramModule<'database'>
