import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi'

export interface ProcessArgs {
  name: Input<string>
  runtime: Input<'static' | 'node'>
  /** Folder of the artifact on the host, its digest, and the bytes of its files. */
  source: Input<string>
  digest: Input<string>
  bytes: Input<number>
  main?: Input<string>
  health?: Input<string>
  /** MiB. */
  memory: Input<number>
  environment?: Input<Record<string, Input<string>>>
}

/** A release and the process that runs it, kept running by the host's supervisor. Its id is its name. */
export class Process extends CustomResource {
  declare readonly url: Output<string>
  declare readonly port: Output<number>

  constructor(name: string, args: ProcessArgs, options?: CustomResourceOptions) {
    super('pip:host/process:Process', name, { ...args, url: undefined, port: undefined }, options)
  }
}
