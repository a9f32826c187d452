import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** Inputs of a password: the name under which it stands in the state. Another name is another password. */
export const passwordSchema = z.strictObject({ name: z.string().min(1).max(200) })

export function passwordId({ name }: z.infer<typeof passwordSchema>): string {
  return `password/${name}`
}

/**
 * 144 random bits in 28 characters, one of each kind that platforms ask for, and safe in an address. Oracle takes 30 at
 * most, and none with the name of its administrator in it.
 */
export function randomPassword(): string {
  const made = `Aa1-${randomBytes(18).toString('base64url')}`
  return /admin/i.test(made) ? randomPassword() : made
}
