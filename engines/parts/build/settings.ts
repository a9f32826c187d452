import { z } from 'zod'
import { buildLimitsSchema } from './limits.ts'

/** What the owner of a host says of all builds on it. */
export const buildSettingsSchema = z.strictObject({
  limits: buildLimitsSchema.partial().optional(),
  /** Without walls of the kernel's nothing is built (see `walls/`). */
  wallsRequired: z.boolean().optional(),
  /** The MiniServer's jar on this host, absolute: what BoxLang runs in. */
  boxlang: z.string().optional(),
  /** Address that Maven asks in place of Maven Central. */
  mavenMirror: z.string().optional(),
  /** A Docker `config.json` on this host, absolute: logins for the registries that base images come from. */
  dockerConfig: z.string().optional(),
  /** For builds that are handed to GitHub Actions. */
  github: z
    .strictObject({
      /** Base address of the REST API; GitHub's own when left out. */
      api: z.string().optional(),
      token: z.string(),
    })
    .optional(),
})
export type BuildSettings = z.infer<typeof buildSettingsSchema>
