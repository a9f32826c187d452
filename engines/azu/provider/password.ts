import type { z } from 'zod'
import { passwordId, passwordSchema, randomPassword } from '../../parts/password/random-password.ts'
import type { Kind } from './kind.ts'

/** A password that stands in the state alone, as a secret. */
export const password: Kind<z.infer<typeof passwordSchema>> = {
  inputs: passwordSchema,
  replaceOn: ['name'],
  secrets: ['result'],
  idOf: passwordId,
  put: async () => ({ result: randomPassword() }),
  find: async (_id, _azure, known, state) =>
    known === undefined || state === undefined ? undefined : { inputs: known, outputs: state },
}
