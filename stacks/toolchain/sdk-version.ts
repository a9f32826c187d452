import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/** The version of the plugin that a provider's installed npm SDK was made for; undefined: none is installed. */
export function sdkVersion(provider: string): string | undefined {
  try {
    const { pulumi } = load(`@pulumi/${provider}/package.json`) as {
      pulumi?: { resource?: boolean; version?: string }
    }
    return pulumi?.resource === true ? pulumi.version?.replace(/^v/, '') : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
