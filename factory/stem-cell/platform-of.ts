import { type OpenPlatformReader, openPlatformReader } from '../../stacks/recovery/platform-reader.ts'
import { type Carriage, projectOf } from './carriage.ts'

/** A reader of the deployment's platform; connects when it is first asked. Close it afterwards. */
export function platformOf(carriage: Carriage): OpenPlatformReader {
  const { birth, order } = carriage
  const api = birth.platformApi ?? birth.engine.dna.api
  return openPlatformReader({
    upstreams: carriage.upstreams,
    configuration: carriage.configuration,
    stack: { project: projectOf(order.engine), stack: order.workspace.id },
    ...(api === undefined ? {} : { api: { url: api, headers: apiHeaders(carriage) } }),
  })
}

/** The engine's own secret credential, as bearer: what platforms' HTTP APIs take. */
function apiHeaders({ birth, credentials }: Carriage): Record<string, string> {
  const secret = birth.engine.dna.credentials.find((credential) => credential.secret)
  const value = secret === undefined ? undefined : credentials[secret.config]
  return value === undefined ? {} : { authorization: `Bearer ${value}` }
}
