import { serveProvider } from '../../../stacks/provider/serve.ts'
import { passwordProvider } from '../../parts/password/password-type.ts'
import { OWN } from '../own-types.ts'

/** Puts the provider on the wire that makes the first passwords of databases. */
export async function startProvider(): Promise<{ address: string; close(): Promise<void> }> {
  return serveProvider(passwordProvider(OWN.provider, OWN.password))
}
