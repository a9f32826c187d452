import { join } from 'node:path'
import { z } from 'zod'
import { readYaml } from '../../../catalog/read-yaml.ts'

const words = z.record(z.string(), z.string())
const settingsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/),
  z.strictObject({ quiet: words.default({}), endpoint: words.optional(), environment: words.default({}) }),
)
export type PluginSettings = z.output<typeof settingsSchema>

/** `settings.yaml`: what plugins are configured with, by provider. */
export async function readPluginSettings(): Promise<PluginSettings> {
  const file = join(import.meta.dirname, 'settings.yaml')
  const read = await readYaml(file, settingsSchema)
  if (read.ok) return read.value
  throw new Error(`${file}: ${read.problems.map(({ line, message }) => `${line}: ${message}`).join('; ')}`)
}

/** Configuration that sends all calls of some providers to an endpoint; throws where one cannot be sent there. */
export function sentTo(
  endpoint: string,
  settings: PluginSettings,
  providers: readonly string[],
): Record<string, string> {
  const base = endpoint.replace(/\/$/, '')
  return Object.assign(
    {},
    ...providers.map((provider) => {
      const of = settings[provider]?.endpoint
      if (of === undefined) throw new Error(`the plugin "${provider}" takes no other endpoint by its settings`)
      return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, value.replaceAll('{endpoint}', base)]))
    }),
  )
}
