import { z } from 'zod'

/** What the sandbox is told when it starts, as one line of JSON on its standard input. It reads no environment. */
export const settingsSchema = z.strictObject({
  databaseUrl: z.string().min(1),
  /** For unpacked artifacts; everything else is in the database. */
  dataFolder: z.string().min(1),
  clouds: z
    .array(
      z.strictObject({
        engine: z.string().regex(/^[a-z][a-z0-9-]{1,20}$/),
        /** File URL of a module whose default export is a SimulatedCloud. */
        module: z.string().startsWith('file:'),
        /** Who is billed, where the cloud cannot tell from the credentials. */
        cloudAccount: z.strictObject({ id: z.string().min(1), plan: z.string().min(1) }),
      }),
    )
    .min(1),
  /** What the admin API asks for as a bearer token. */
  adminToken: z.string().min(16),
  /** First start only: later ones go on with what the database holds. */
  seed: z.string().min(1).optional(),
  /** A handler without requests for that long is stopped; the next request is a cold start. */
  idleMs: z.int().positive().default(60_000),
})
export type SandboxSettings = z.infer<typeof settingsSchema>
export type SandboxSettingsInput = z.input<typeof settingsSchema>

/** The line that the process prints once everything answers. */
export interface Ready {
  ready: true
  /** gRPC address by Pulumi provider name. */
  providers: Record<string, string>
  /** Base of the clouds' HTTP APIs: `<api>/api/<engine>/…`. */
  api: string
  admin: string
}
