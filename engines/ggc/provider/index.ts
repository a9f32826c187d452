import type { TypeScriptProvider } from '../../../stacks/contract/provider.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import type { Login } from '../../parts/registry/client.ts'
import { imageProvider } from '../../parts/registry/image-provider.ts'
import { OWN } from '../own-types.ts'

/** Milliseconds for one operation on an image: five minutes less than its deadline in `engine.yaml`. */
export const IMAGE_MS = 1_500_000

/** Puts the provider on the wire, for what the platform's own plugin has no resource for. */
export async function startProvider(): Promise<{ address: string; close(): Promise<void> }> {
  return serveProvider(ownProvider())
}

/** The provider itself. With `base` it asks a simulated platform there: `<base>/_/<host>/<path>`. */
export function ownProvider(base?: string): TypeScriptProvider {
  return imageProvider({
    name: OWN.provider,
    type: OWN.image,
    login: async (variables) => loginOf(variables),
    withinMs: IMAGE_MS,
    ...(base === undefined ? {} : { base: (repository) => `${base}/_/${repository.split('/')[0]}` }),
  })
}

/** The two ways in which Artifact Registry knows who comes without Google's own helper. */
function loginOf({ accessToken, credentials }: Record<string, unknown>): Login | undefined {
  if (typeof accessToken === 'string' && accessToken !== '')
    return { username: 'oauth2accesstoken', password: accessToken }
  return typeof credentials === 'string' && credentials !== ''
    ? { username: '_json_key', password: credentials }
    : undefined
}
