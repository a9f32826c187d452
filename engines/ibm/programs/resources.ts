import { CustomResource, type CustomResourceOptions, type Input, type Output } from '@pulumi/pulumi'

/** A folder of Code Engine. Its id is `<region>/<guid>`. */
export class Project extends CustomResource {
  constructor(name: string, args: { name: Input<string>; region: Input<string> }) {
    super('ibm:codeengine/project:Project', name, args)
  }
}

/** Variables for an environment, or the login of a registry: `server`, `username`, `password`. */
export class Secret extends CustomResource {
  declare readonly name: Output<string>

  constructor(
    name: string,
    args: {
      project: Input<string>
      name: Input<string>
      format?: 'generic' | 'registry'
      data: Input<Record<string, Input<string>>>
    },
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

interface Probe {
  type: 'http' | 'tcp'
  path?: string
  port: number
  interval: number
  timeout: number
  failure_threshold: number
}

/** As Code Engine's API names them. */
export interface AppArgs {
  project: Input<string>
  name: Input<string>
  image_reference: Input<string>
  image_secret: Input<string>
  image_port: number
  managed_domain_mappings: 'local_public' | 'local'
  run_env_variables: { type: string; name?: string; value?: Input<string>; reference?: Input<string> }[]
  run_service_account: 'none'
  scale_min_instances: number
  scale_max_instances: number
  scale_concurrency: number
  scale_cpu_limit: string
  scale_memory_limit: string
  scale_ephemeral_storage_limit: string
  scale_request_timeout: number
  scale_down_delay: number
  probe_readiness: Probe
  probe_liveness: Probe
}

/** An image that is run while somebody asks for it. */
export class App extends CustomResource {
  declare readonly url: Output<string>

  constructor(name: string, args: AppArgs, options?: CustomResourceOptions) {
    super('ibm:codeengine/app:App', name, { ...args, url: undefined }, options)
  }
}

/** A folder for images in a registry. */
export class Namespace extends CustomResource {
  constructor(name: string, args: { registry: Input<string>; name: Input<string> }) {
    super('ibm:registry/namespace:Namespace', name, args)
  }
}

export interface ImageArgs {
  /** `host/namespace/name`. */
  repository: Input<string>
  /** sha256 of the manifest in hex, and what the registry keeps of it. */
  digest: Input<string>
  bytes: Input<number>
  /** Folder of the layout on this machine. */
  layout: Input<string>
}

/** An image in a registry. */
export class Image extends CustomResource {
  constructor(name: string, args: ImageArgs, options?: CustomResourceOptions) {
    super('ibm:registry/image:Image', name, { ...args, reference: undefined }, options)
  }
}

/** Somebody who is no person. */
export class ServiceId extends CustomResource {
  declare readonly iamId: Output<string>

  constructor(name: string, args: { name: Input<string> }) {
    super('ibm:iam/serviceId:ServiceId', name, { ...args, iamId: undefined })
  }
}

export interface AccessPolicyArgs {
  iamId: Input<string>
  role: 'Reader' | 'Writer' | 'Manager'
  registry: Input<string>
  namespace: Input<string>
}

/** What a service ID may do in one namespace of images. */
export class AccessPolicy extends CustomResource {
  constructor(name: string, args: AccessPolicyArgs) {
    super('ibm:iam/policy:Policy', name, { ...args })
  }
}

/** The API key of a service ID. */
export class ServiceKey extends CustomResource {
  declare readonly apikey: Output<string>

  constructor(name: string, args: { name: Input<string>; iamId: Input<string> }) {
    super('ibm:iam/key:Key', name, { ...args, apikey: undefined }, { additionalSecretOutputs: ['apikey'] })
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
