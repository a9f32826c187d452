import type { TypeScriptProvider } from '../../../stacks/contract/provider.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { configurationSchema } from './configuration.ts'
import { withImages } from './images.ts'
import { operationsOf } from './operations.ts'
import { accessPolicy } from './types/access-policy.ts'
import { app } from './types/app.ts'
import { database } from './types/database.ts'
import { fn } from './types/function.ts'
import { instance } from './types/instance.ts'
import { key } from './types/key.ts'
import { namespace } from './types/namespace.ts'
import { project } from './types/project.ts'
import { secret } from './types/secret.ts'
import { serviceId } from './types/service-id.ts'
import { serviceKey } from './types/service-key.ts'

/** All but images, which go through the registry's other API. */
const TYPES = {
  'ibm:codeengine/project:Project': project,
  'ibm:codeengine/secret:Secret': secret,
  'ibm:codeengine/function:Function': fn,
  'ibm:codeengine/app:App': app,
  'ibm:registry/namespace:Namespace': namespace,
  'ibm:iam/serviceId:ServiceId': serviceId,
  'ibm:iam/policy:Policy': accessPolicy,
  'ibm:iam/key:Key': serviceKey,
  'ibm:cloudant/instance:Instance': instance,
  'ibm:cloudant/database:Database': database,
  'ibm:resource/key:Key': key,
}

/** Puts the provider `ibm` on the wire: everything it does is done by IBM Cloud's HTTP APIs. */
export async function startProvider(): Promise<{ address: string; close(): Promise<void> }> {
  return serveProvider(ibmProvider())
}

/** The provider `ibm`. With `base` it asks a simulated platform there: `<base>/_/<host>/<path>`. */
export function ibmProvider(base?: string): TypeScriptProvider {
  return {
    name: 'ibm',
    version: '0.1.0',
    async configure(variables) {
      const account = configurationSchema.parse(variables)
      // The SDK is a third of a second's loading, which only who asks IBM has to wait for.
      const { IbmCloud } = await import('./cloud.ts')
      const givenUp = new AbortController()
      const cloud = IbmCloud.open({ ...account, base }, givenUp.signal)
      const others = operationsOf(TYPES, cloud, () => givenUp.abort())
      return withImages(others, { cloud, base, variables })
    },
  }
}
