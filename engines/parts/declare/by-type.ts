import { CustomResource, type CustomResourceOptions, type Inputs } from '@pulumi/pulumi'

/** Any resource, by its type token: for providers whose SDK is far larger than what is declared with it. */
class ByType extends CustomResource {}

/** Declares a resource as its SDK's class would. Of its outputs only `id` and those with an input's name can be read. */
export function declareByType(
  type: string,
  name: string,
  inputs: Inputs,
  options: CustomResourceOptions = {},
): CustomResource {
  return new ByType(type, name, inputs, options)
}
