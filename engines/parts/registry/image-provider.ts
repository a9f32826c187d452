import type { TypeScriptProvider } from '../../../stacks/contract/provider.ts'
import type { Login, Send } from './client.ts'

export interface ImageProviderOptions {
  /** Pulumi's name of the provider, e.g. `own`. */
  name: string
  /** Its one resource type, e.g. `own:registry:Image`. */
  type: string
  /** From the provider's configuration, asked before each operation; undefined: nobody's. */
  login(variables: Record<string, unknown>): Promise<Login | undefined>
  /** Of a simulated platform: where the host of this repository is played, e.g. `<api>/_/<host>`. */
  base?(repository: string): string
  send?: Send
  pauseMs?: number
}

/**
 * A provider with one resource type: an image in a registry. Inputs: `repository` (`host/path`), `digest` (of the
 * manifest, hex), `bytes` (what the registry keeps of it), `layout` (its folder on this machine, no change by itself).
 * Outputs: the same and `reference` (`host/path@sha256:<hex>`), which is the id.
 */
export function imageProvider(_options: ImageProviderOptions): TypeScriptProvider {
  throw new Error('being written')
}
