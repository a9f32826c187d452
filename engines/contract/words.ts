import { z } from 'zod'

/** Names of workspaces and components. Also stops `..`, `-h`, `__proto__` and what file systems reserve. */
export const NAME = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/
const RESERVED = new Set(['con', 'prn', 'aux', 'nul', 'com1', 'lpt1'])
export const nameSchema = z
  .string()
  .regex(NAME, '2 to 40 characters: small letters, digits and "-", starting with a letter, not ending with "-"')
  .refine((name) => !RESERVED.has(name), 'a name that file systems reserve')

/** Git refs: never an option, never a path upwards. */
export const refSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'a branch, tag or commit that starts with a letter or digit')
  .refine((ref) => !ref.includes('..'), 'no ".." in a ref')

/** A variable of the environment. */
export const environmentNameSchema = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'capitals, digits and "_"')

/** A host name with at least one dot, in small letters. */
export const domainSchema = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'a host name in small letters, as "lab.university.example"',
  )

const FIELD = String.raw`(\*|\d{1,2}(-\d{1,2})?)(\/\d{1,2})?`
/** Cron's five fields with numbers, `*`, lists, ranges and steps. */
export const scheduleSchema = z
  .string()
  .max(100)
  .regex(new RegExp(`^${FIELD}(,${FIELD})*( ${FIELD}(,${FIELD})*){4}$`), 'five cron fields (UTC), as "15 3 * * 1"')

/** A path inside the source, with forward slashes, never leaving it. */
export const insidePathSchema = z
  .string()
  .max(200)
  .regex(
    /^(\.|[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*)$/,
    'a relative path inside the source, without ".."',
  )
