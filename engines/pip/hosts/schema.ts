import { isIP } from 'node:net'
import { z } from 'zod'
import { caddySchema } from '../supervisor/place.ts'

/** The host that this platform runs on. Its region had this name before there were others. */
export const LOCAL = 'host'

const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, '2 to 40 characters: small letters, digits and "-", starting with a letter')

/** A name or an address, never an option. */
const machineSchema = z
  .string()
  .max(253)
  .refine(
    (text) =>
      isIP(text) !== 0 ||
      /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(text),
    'a host name or an IP address',
  )

const port = z.int().min(1).max(65_535)
const pathSchema = z.string().regex(/^\/[^\0\n]{1,500}$/, 'an absolute path')

const KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]{40,}={0,2}( .*)?$/
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/

const sshSchema = z.strictObject({
  host: machineSchema,
  port: port.default(22),
  user: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'the name of a user there'),
  /** File with the private key, readable by its owner alone, without a passphrase. */
  key: pathSchema,
  /** Pinned: nothing is sent to a machine that cannot prove to have it. */
  hostKey: z
    .string()
    .refine(
      (text) => KEY.test(text) || FINGERPRINT.test(text),
      'the public key of the host ("ssh-ed25519 AAAA…"), or its fingerprint ("SHA256:…")',
    ),
})
export type SshAddress = z.output<typeof sshSchema>

const portsSchema = z
  .strictObject({ from: z.int().min(1024).max(65_535), to: z.int().min(1024).max(65_535) })
  .refine(({ from, to }) => from <= to, '"from" is not above "to"')

/** What of the machine may be promised; the rest is its system's. */
const limitsSchema = z.strictObject({
  memoryMb: z.int().min(64).max(16_777_216).optional(),
  diskMb: z.int().min(64).max(1_073_741_824).optional(),
  ports: portsSchema.default({ from: 20_000, to: 20_099 }),
})

const common = {
  limits: limitsSchema.prefault({}),
  /** Name under which what runs there is reached; left out: as it is reached by SSH, and this machine by 127.0.0.1. */
  address: machineSchema.optional(),
  /** Where its public ports listen; left out: everywhere, and on 127.0.0.1 where its address is that. */
  listen: z
    .string()
    .refine((text) => isIP(text) !== 0, 'an IP address of the machine')
    .optional(),
  labels: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), z.string().max(200)).default({}),
  /** Caddy on that machine, for components with domains. */
  caddy: caddySchema.prefault({}),
}

const localSchema = z.strictObject({ name: z.literal(LOCAL).default(LOCAL), local: z.literal(true), ...common })
const remoteSchema = z.strictObject({
  name: nameSchema.refine((name) => name !== LOCAL, `"${LOCAL}" is this machine`),
  ssh: sshSchema,
  ...common,
  limits: limitsSchema.required({ memoryMb: true, diskMb: true }),
  /** Where everything of ours lies there; left out: `.pipi-engines` in the user's home. */
  folder: pathSchema.optional(),
})
export type LocalHost = z.output<typeof localSchema>
export type RemoteHost = z.output<typeof remoteSchema>
export type ListedHost = LocalHost | RemoteHost

/** Which of the two is meant is plain, so that problems are those of the one that is. */
const hostSchema = z.unknown().transform((value, context): ListedHost => {
  const local = typeof value === 'object' && value !== null && 'local' in value
  const parsed = (local ? localSchema : remoteSchema).safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue)
  return z.NEVER
})

/** `hosts.yaml`. */
export const hostsFileSchema = z.strictObject({
  apiVersion: z.literal('pipi/v1'),
  hosts: z
    .array(hostSchema)
    .min(1)
    .max(200)
    .check(({ value, issues }) => {
      for (const [index, { name }] of value.entries()) {
        if (value.findIndex((other) => other.name === name) === index) continue
        const message = `there is a host "${name}" already`
        issues.push({ code: 'custom', input: name, path: [index, 'name'], message })
      }
    }),
})

/** What a link process is told, as one JSON line. */
export const linkOrderSchema = z.strictObject({ host: remoteSchema })
