import { CustomResource, type CustomResourceOptions, type Inputs, type Output } from '@pulumi/pulumi'

/** Any resource, by its type token: for providers whose SDK is far larger than what is declared with it. */
class ByType extends CustomResource {}

/**
 * Declares a resource as its SDK's class would. Of its outputs only `id`, those with an input's name and those named in
 * `outputs` can be read.
 */
export function declareByType<O extends string = never>(
  type: string,
  name: string,
  inputs: Inputs,
  options: CustomResourceOptions = {},
  outputs: readonly O[] = [],
): CustomResource & { readonly [name in O]: Output<string> } {
  const read = Object.fromEntries(outputs.map((output) => [output, undefined]))
  return new ByType(type, name, { ...read, ...inputs }, options) as CustomResource & {
    readonly [name in O]: Output<string>
  }
}
