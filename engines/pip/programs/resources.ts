import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi'

export interface ReleaseArgs {
  name: Input<string>
  digest: Input<string>
  source: Input<string>
  bytes: Input<number>
}

/** An artifact's own copy on the host. Its id is known beforehand: `<name>@<first 16 digits of the digest>`. */
export class Release extends CustomResource {
  declare readonly path: Output<string>

  constructor(name: string, args: ReleaseArgs, options?: CustomResourceOptions) {
    super('pip:host/release:Release', name, { ...args, path: undefined }, options)
  }
}

export interface ProcessArgs {
  name: Input<string>
  runtime: Input<'static' | 'node'>
  release: Input<string>
  main?: Input<string>
  health?: Input<string>
  /** MiB. */
  memory: Input<number>
  environment?: Input<Record<string, Input<string>>>
}

/** A process under the host's supervisor. Its id is its name. */
export class Process extends CustomResource {
  declare readonly url: Output<string>
  declare readonly port: Output<number>

  constructor(name: string, args: ProcessArgs, options?: CustomResourceOptions) {
    super('pip:host/process:Process', name, { ...args, url: undefined, port: undefined }, options)
  }
}
