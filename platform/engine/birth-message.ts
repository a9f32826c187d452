import { z } from 'zod'
import { buildSettingsSchema } from '../../engines/parts/build/settings.ts'

/**
 * All that the platform tells a clone, as one JSON line on its standard input: its database role's address and its key
 * travel nowhere else. Credentials come with each deployment and each watch, sealed with that key.
 */
export const birthMessageSchema = z.strictObject({
  clone: z.string().regex(/^[a-z]{3}-[0-9a-z-]{1,60}$/),
  engine: z.string().regex(/^[a-z]{3}$/),
  /** Folder that holds the engine's folder. */
  enginesFolder: z.string(),
  catalogFolder: z.string(),
  host: z.string(),
  capacity: z.int().min(1),
  /** `postgres://` of the engine's own role. */
  databaseUrl: z.string(),
  stateTable: z.string(),
  redisUrl: z.string().optional(),
  /** The engine's key, hex: stack passphrases are made of it. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** The clone's own work folder. */
  folder: z.string(),
  /** Content-addressed artifacts, shared by the clones of this host. */
  artifacts: z.string(),
  /** The Pulumi CLI. */
  pulumi: z.object({ path: z.string(), version: z.string() }),
  /** Simulated providers by name; undefined: real plugins are started. */
  upstreams: z.record(z.string(), z.string()).optional(),
  /** Where real provider plugins are kept. */
  pulumiHome: z.string(),
  platformApi: z.string().optional(),
  /** Simulated platforms have given up on a create by then, milliseconds. */
  deadlineCapMs: z.int().positive().optional(),
  /** Addresses of the engine's companions, by region. */
  companions: z.record(z.string(), z.string()).optional(),
  /** Variables that fetching sources and dependencies takes here: proxies, authorities, a registry. */
  network: z.record(z.string(), z.string()),
  /** What builds may take here, and what they work with. */
  builds: buildSettingsSchema.default({}),
})
export type BirthMessage = z.infer<typeof birthMessageSchema>

/** Later lines on standard input. */
export const orderSchema = z.strictObject({ order: z.enum(['drain', 'stop']) })

/** What a clone writes on standard output, a JSON line each. */
export const cloneLineSchema = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
])
export type CloneLine = z.infer<typeof cloneLineSchema>
