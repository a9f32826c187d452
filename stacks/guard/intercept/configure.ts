import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct, toStruct, type Values } from '../../wire/values.ts'
import type { Passing } from '../relay.ts'

/**
 * Credentials and region join here, behind the Pulumi engine: they are in no argument, no configuration file, no state
 * and no diff.
 */
export function interceptConfigure(
  configuration: Values,
  passing: Passing<proto.ConfigureRequest, proto.ConfigureResponse>,
): Promise<proto.ConfigureResponse> {
  const { request } = passing
  request.setArgs(toStruct({ ...fromStruct(request.getArgs()), ...configuration }))
  const variables = request.getVariablesMap()
  // Older providers read `variables`: `<provider>:config:<key>`, text only.
  for (const [key, value] of Object.entries(configuration)) {
    variables.set(`${passing.provider}:config:${key}`, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return passing.forward(request)
}

/** The provider checks the whole configuration, and the engine gets back only what it had: see above. */
export async function interceptCheckConfig(
  configuration: Values,
  passing: Passing<proto.CheckRequest, proto.CheckResponse>,
): Promise<proto.CheckResponse> {
  const { request } = passing
  const given = fromStruct(request.getNews())
  request.setNews(toStruct({ ...given, ...configuration }))
  const response = await passing.forward(request)
  return response.setInputs(toStruct(given))
}
