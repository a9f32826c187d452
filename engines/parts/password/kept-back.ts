import { type Input, type Output, secret } from '@pulumi/pulumi'
import { usedEnvironment } from '../../contract/component.ts'
import type { ProgramOutputs } from '../../contract/engine.ts'

const KEPT_BACK = Symbol('kept back')

/** Adds what lets one in: for the components that use it, and not among the outputs that are kept and shown. */
export function withKeptBack(outputs: ProgramOutputs, what: Output<string>): ProgramOutputs {
  return Object.defineProperty(outputs, KEPT_BACK, { value: secret(what) })
}

/** What lets one into something that was declared before; undefined: nothing has to. */
export function keptBackOf(outputs: ProgramOutputs): Output<string> | undefined {
  return (outputs as { [KEPT_BACK]?: Output<string> })[KEPT_BACK]
}

/** The passwords of what a component uses: beside `OPEN_DATA_URL`, which is no secret, there is `OPEN_DATA_PASSWORD`. */
export function passwordsOf(uses: Record<string, ProgramOutputs>): Record<string, Input<string>> {
  return Object.fromEntries(
    Object.entries(uses).flatMap(([name, outputs]) => {
      const password = keptBackOf(outputs)
      return password === undefined ? [] : [[usedEnvironment(name, 'PASSWORD'), password]]
    }),
  )
}
