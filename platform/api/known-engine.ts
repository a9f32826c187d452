import { PipiError } from '../../catalog/errors.ts'
import type { EngineFacts } from '../commander/engine-facts.ts'

/** The engine with this code. Throws `not-found` naming those there are. */
export function knownEngine(engines: readonly EngineFacts[], code: string): EngineFacts {
  const found = engines.find((engine) => engine.code === code)
  if (!found) {
    throw new PipiError('not-found', `there is no engine "${code.slice(0, 20)}"`, {
      hint: `known: ${engines.map((engine) => engine.code).join(', ')}`,
    })
  }
  return found
}
