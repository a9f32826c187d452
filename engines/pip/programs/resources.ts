import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import type { Runtime } from '../supervisor/spec.ts'

export interface ProcessArgs {
  name: Input<string>
  runtime: Input<Runtime>
  /** Folder of the artifact on the host, its digest, and the bytes of its files. */
  source: Input<string>
  digest: Input<string>
  bytes: Input<number>
  main?: Input<string>
  /** Folder of the artifact that a jar serves, where it is a server of pages. */
  pages?: Input<string>
  health?: Input<string>
  /** MiB. */
  memory: Input<number>
  environment?: Input<Record<string, Input<string>>>
  /** Names of stores that it may read and write. */
  stores?: Input<Input<string>[]>
  domains?: Input<Input<string>[]>
  domainsBy?: Input<'caddy'>
  /** For a job: five cron fields, UTC. */
  schedule?: Input<string>
  /** Seconds of one call, or one run. */
  timeout?: Input<number>
  /** For a container: bytes of its unpacked image, and what the host lacks to run one. */
  unpacked?: Input<number>
  lacks?: Input<string>
}

/** A release and the process that runs it, kept running by the host's supervisor. Its id is its name. */
export class Process extends CustomResource {
  /** Empty for a job. */
  declare readonly url: Output<string>
  declare readonly port: Output<number>

  constructor(name: string, args: ProcessArgs, options?: CustomResourceOptions) {
    super('pip:host/process:Process', name, { ...args, url: undefined, port: undefined }, options)
  }
}

/** A folder of users' files on the host. Its id is its name. */
export class Store extends CustomResource {
  /** `file:///…/`. */
  declare readonly url: Output<string>

  /** `size` in MiB. */
  constructor(name: string, args: { name: Input<string>; size: Input<number> }, options?: CustomResourceOptions) {
    super('pip:host/store:Store', name, { ...args, url: undefined }, options)
  }
}
