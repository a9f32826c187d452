import type proto from '@pulumi/pulumi/proto/provider_pb.js'
import { fromStruct, toStruct, type Values } from './values.ts'

/** Adds configuration to a Configure request, in both forms that providers read. */
export function joinConfiguration(request: proto.ConfigureRequest, provider: string, configuration: Values): void {
  request.setArgs(toStruct({ ...fromStruct(request.getArgs()), ...configuration }))
  const variables = request.getVariablesMap()
  // Older providers read `variables`: `<provider>:config:<key>`, text only.
  for (const [key, value] of Object.entries(configuration)) {
    variables.set(`${provider}:config:${key}`, typeof value === 'string' ? value : JSON.stringify(value))
  }
}
