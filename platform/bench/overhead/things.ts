import * as pulumi from '@pulumi/pulumi'

class Thing extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>
  constructor(name: string, inputs: Record<string, unknown>) {
    super('bench:index/thing:Thing', name, { address: undefined, ...inputs })
  }
}

/** The same five resources on both sides, the last four waiting for the first as things at platforms do. */
export function declareThings(prefix: string, digest: string): Record<string, unknown> {
  const first = new Thing('site', { name: `${prefix}-1`, digest })
  for (const n of [2, 3, 4, 5]) new Thing(`site-${n}`, { name: `${prefix}-${n}`, digest, of: first.address })
  return { address: first.address }
}
