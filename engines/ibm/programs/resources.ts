import { CustomResource, type Input, type Output } from '@pulumi/pulumi'

/** A folder of Code Engine. Its id is `<region>/<guid>`. */
export class Project extends CustomResource {
  constructor(name: string, args: { name: Input<string>; region: Input<string> }) {
    super('ibm:codeengine/project:Project', name, args)
  }
}

/** Variables for an environment. */
export class Secret extends CustomResource {
  declare readonly name: Output<string>

  constructor(
    name: string,
    args: { project: Input<string>; name: Input<string>; data: Input<Record<string, Input<string>>> },
  ) {
    super('ibm:codeengine/secret:Secret', name, args)
  }
}

export interface FunctionArgs {
  project: Input<string>
  name: Input<string>
  runtime: Input<string>
  /** Path of the module, and sha256 of its bytes in hex. */
  source: Input<string>
  digest: Input<string>
  cpu: Input<number>
  /** Gigabytes. */
  memory: Input<number>
  /** Seconds. */
  timeout: Input<number>
  /** Requests that one instance answers at once. */
  concurrency: Input<number>
  /** Seconds that an instance is kept after a call. */
  scaleDownDelay: Input<number>
  visibility: Input<'public' | 'project'>
  secret?: Input<string> | undefined
  configuration?: Input<string> | undefined
}

/** A module with an address of its own. */
export class CodeEngineFunction extends CustomResource {
  declare readonly url: Output<string>

  constructor(name: string, args: FunctionArgs) {
    super('ibm:codeengine/function:Function', name, { ...args, url: undefined })
  }
}

/** Where Cloudant keeps documents. */
export class CloudantInstance extends CustomResource {
  declare readonly crn: Output<string>
  declare readonly host: Output<string>

  constructor(name: string, args: { name: Input<string>; region: Input<string>; plan: Input<string> }) {
    super('ibm:cloudant/instance:Instance', name, { ...args, crn: undefined, host: undefined })
  }
}

/** A database of documents in an instance. */
export class CloudantDatabase extends CustomResource {
  declare readonly url: Output<string>

  constructor(name: string, args: { host: Input<string>; name: Input<string> }) {
    super('ibm:cloudant/database:Database', name, { ...args, url: undefined })
  }
}

/** An API key for an instance, with one role there. */
export class Key extends CustomResource {
  declare readonly apikey: Output<string>

  constructor(name: string, args: { name: Input<string>; source: Input<string>; role: Input<string> }) {
    super('ibm:resource/key:Key', name, { ...args, apikey: undefined }, { additionalSecretOutputs: ['apikey'] })
  }
}
