import { type Output, secret } from '@pulumi/pulumi'
import type { ProgramOutputs } from '../../../contract/engine.ts'

const CONNECTION = Symbol('connection')

/** Adds what lets one in: for the components that use it, and not among the outputs that are kept and shown. */
export function withConnection(outputs: ProgramOutputs, connection: Output<string>): ProgramOutputs {
  return Object.defineProperty(outputs, CONNECTION, { value: secret(connection) })
}

/** What lets one into a database that was declared before; undefined: nothing has to. */
export function connectionOf(outputs: ProgramOutputs): Output<string> | undefined {
  return (outputs as { [CONNECTION]?: Output<string> })[CONNECTION]
}
