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

/** A random password, which stands in the state alone. Its id is made of its name. */
export class Password extends CustomResource {
  declare readonly result: Output<string>

  constructor(name: string, args: { name: Input<string> }, options?: CustomResourceOptions) {
    const secret = { ...options, additionalSecretOutputs: ['result'] }
    super('pip:host/password:Password', name, { ...args, result: undefined }, secret)
  }
}

export interface DatabaseArgs {
  name: Input<string>
  /** MiB of data, and of memory for its server. */
  size: Input<number>
  memory: Input<number>
  password: Input<string>
  by?: Input<'postgresql'>
}

/** A PostgreSQL with one database on the host. Its id is its name. */
export class Database extends CustomResource {
  /** Without its password. */
  declare readonly url: Output<string>

  constructor(name: string, args: DatabaseArgs, options?: CustomResourceOptions) {
    super('pip:host/database:Database', name, { ...args, url: undefined }, options)
  }
}
