import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Kind } from './kind.ts'

const schema = z.strictObject({ name: z.string().min(1) })

/**
 * 192 random bits, with one of each kind of character that Azure asks for. It stands in the state alone, encrypted there:
 * nobody can compute it, and what a lost state forgot is replaced by a new one.
 */
export const password: Kind<z.infer<typeof schema>> = {
  inputs: schema,
  replaceOn: ['name'],
  secrets: ['result'],
  idOf: ({ name }) => `password/${name}`,
  put: async () => ({ result: `Aa1-${randomBytes(24).toString('base64url')}` }),
  find: async (_id, _azure, known, state) =>
    known === undefined || state === undefined ? undefined : { inputs: known, outputs: state },
}
