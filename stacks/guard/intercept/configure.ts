import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { joinConfiguration } from '../../wire/configuration.ts'
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
  joinConfiguration(request, passing.provider, configuration)
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
