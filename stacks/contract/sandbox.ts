import type { TypeScriptProvider } from './provider.ts'

/**
 * What a simulated cloud is. The host in `stacks/sandbox/` is blind to clouds; an engine's folder (`engines/<code>/
 * sandbox/`) says how its resource types behave and what they cost. The prices are the witness' own and import nothing
 * from catalogue, demand or ledger.
 */
export interface SimulatedCloud {
  /** Pulumi provider name that the programs use: the package part of a type token. */
  provider: string
  /** Further provider names under which the same resources are served: ours, beside the platform's own. */
  alsoProvides?: readonly string[]
  engine: string
  resources: Record<string, SimulatedResource>
  /**
   * Whose credentials these are, from the provider's configuration; throws in the cloud's own words when they are no
   * good. Without it everything belongs to the one cloud account that the sandbox was opened with.
   */
  identify?(configuration: Json): { cloudAccount: string; region: string; user?: string }
  /** Data sources by token. */
  invokes?: Record<string, (args: Json, world: World) => Promise<Json>>
  /**
   * The platform's HTTP API as far as look-ups and watching need it: under `/api/<engine>/_/<host>/…` by the address
   * that the platform's documentation gives, and under `/api/<engine>/…` where callers know paths only.
   */
  api?(call: ApiCall, world: ApiWorld): Promise<ApiReply>
  /** Most bytes that a call of the API at this host may carry; left out, or undefined: 6 MiB, as what is served takes. */
  mostBytes?(host: string): number | undefined
  /**
   * Providers of our own by name: each is put on the wire as it is, with `api` as the base of the HTTP API that it calls
   * (`<api>/_/<host>/…`), and `resources` say what that API makes. Under any other name `resources` are the provider.
   */
  ownProviders?: Record<string, (api: string) => Promise<TypeScriptProvider>>
  /**
   * Whose call that is, from what it carries as proof; a reply is the platform's refusal. Without it everything belongs
   * to the one cloud account that the sandbox was opened with.
   */
  callerOf?(call: ApiCall): string | ApiReply
  /**
   * The witness' price list: what this cloud bills one cloud account for, in the calendar month (UTC) in which `now`
   * falls, up to `now`. Called once for each month since the first resource; resources deleted since then are listed.
   */
  bill(account: BilledAccount): BillLine[]
}

export type Json = Record<string, unknown>

export interface ApiCall {
  method: string
  /** Empty where the caller knows paths only. */
  host: string
  path: string
  query: Record<string, string>
  /** Names in small letters. */
  headers: Record<string, string>
  /** Parsed JSON, or the text where it is none. */
  body: unknown
  /** The same as it came over the wire. */
  bytes?: Uint8Array
}

export interface ApiReply {
  status: number
  /** Bytes are sent as they are, anything else as JSON. */
  body: unknown
  /** Besides the content type. */
  headers?: Record<string, string>
}

/**
 * What an asset or archive in the inputs looks like to a resource type: the host has read its bytes and kept them
 * (`world.kept(digest)`). Folders and archives made of parts arrive as a zip. Outputs may repeat it.
 */
export interface KeptAsset {
  /** sha256 of the bytes, hex. */
  kept: string
  /** Length in bytes. */
  size: number
}

export interface World {
  /** Who is billed, from the credentials given to Configure. */
  cloudAccount: string
  /** Who acts there, where the credentials are those of somebody who may not do everything. */
  user?: string
  region: string
  /** Where the sandbox's APIs are reached, for addresses that the platform gives out. */
  api: string
  /** Milliseconds, the sandbox clock. */
  now(): number
  /** Pseudo-random hex of the given length, from the sandbox's seed: plausible ids. */
  hex(length: number): string
  /** Everything of this cloud account that exists now. */
  list(type?: string): Promise<StoredResource[]>
  /**
   * Everything of this cloud account with the traffic that the cloud's own figures show by now, which may lag behind;
   * with what was deleted in this calendar month, since its traffic counts.
   */
  metered(): Promise<MeteredResource[]>
  /** What lies in a database or a store; it goes with the resource. */
  records(type: string, id: string): Records
  /** Counts traffic on something that answers by the platform's own API: a database, a store. */
  count(one: StoredResource, traffic: StoredResource['usage'][string]): Promise<void>
  /** From now on so many bytes lie in it, by what the platform itself counts: the witness charges for as long as they do. */
  stores(one: StoredResource, bytes: number): Promise<void>
  /** Keeps bytes by their sha256 (an uploaded artifact). */
  keep(bytes: Uint8Array): Promise<string>
  kept(digest: string): Promise<Uint8Array | undefined>
}

/** JSON values under keys of one resource. */
export interface Records {
  get(key: string): Promise<Json | undefined>
  put(key: string, value: Json): Promise<void>
  /** False: there was none. */
  delete(key: string): Promise<boolean>
  /** Those whose key begins so, in the order of their keys' bytes. */
  list(prefix?: string): Promise<{ key: string; value: Json }[]>
  /** Adds to a number under a key, from 0. */
  add(key: string, by: number): Promise<void>
}

/** What something starts by itself at a time (sandbox clock, milliseconds): a call of what is served, in the cloud itself. */
export interface Firing {
  at: number
  target: { type: string; id: string }
  request: HandlerRequest
}

/** What a cloud's own HTTP API can do: each of these is recorded, and struck by faults, as a call through a provider is. */
export interface ApiWorld extends World {
  /** Checks and makes. Throws in the cloud's own words. */
  make(type: string, inputs: Json, urn?: string): Promise<StoredResource>
  change(type: string, id: string, inputs: Json): Promise<StoredResource>
  /** What is gone already is no error. */
  remove(type: string, id: string): Promise<void>
}

export interface StoredResource {
  id: string
  type: string
  urn: string
  inputs: Json
  outputs: Json
  /** Sandbox clock, milliseconds. */
  createdAt: number
  deletedAt?: number
  /** Requests, egress bytes and busy milliseconds that the sandbox's visitors caused, per calendar month `YYYY-MM`. */
  usage: Record<string, { requests: number; egressBytes: number; busyMs: number }>
  /** How many bytes lay in it from each time on (sandbox clock), oldest first; left out where nobody ever said. */
  stored?: { at: number; bytes: number }[]
}

export interface MeteredResource extends StoredResource {
  /** The same traffic by day `YYYY-MM-DD`, UTC; of this month only. */
  days: StoredResource['usage']
}

export interface SimulatedResource {
  /** Input properties whose change forces a replacement. */
  replaceOn: string[]
  /** Whether the old one has to go first, since both would have the same name. */
  deleteBeforeReplace?: boolean
  /**
   * What may exist only once in a cloud account (a name), and the cloud's words when it is taken. The host refuses a
   * second one even when two creates race. Ids are unique per cloud account and type without it.
   */
  unique?(inputs: Json): { name: string; taken: string } | undefined
  /** A second create under the same id takes the place of the first, as when an object is written twice. */
  overwrites?: boolean
  /** The id in the inventory of what an import or a look-up names in another form that the provider takes. */
  importId?(id: string, world: World): string
  /**
   * Defaults a provider's Check fills in, and what the cloud would refuse: `{property, reason}` as the cloud words it.
   * Values not known yet (in a preview) are left out of `inputs`; failures about them are ignored by the host.
   */
  check?(inputs: Json, world: World): Promise<{ inputs?: Json; failures?: { property: string; reason: string }[] }>
  /** Throws `Error` with the cloud's own wording for what it refuses (name taken, unknown region, missing artifact). */
  create(inputs: Json, world: World): Promise<{ id: string; outputs: Json; serve?: Serving }>
  /** Outputs that the provider marks as secret. */
  secretOutputs?: readonly string[]
  /** Where a label goes that tells whose it is. */
  tagProperty?: 'tags' | 'labels'
  /** Inputs as somebody at the platform's console would have given them, where those of a stray would not do. */
  asByHand?(inputs: Json, world: World): Promise<Json>
  update?(id: string, inputs: Json, old: StoredResource, world: World): Promise<{ outputs: Json; serve?: Serving }>
  delete?(stored: StoredResource, world: World): Promise<void>
  /** What it starts after `after`, up to and with `until`, oldest first (sandbox clock): of a schedule. */
  fires?(stored: StoredResource, after: number, until: number, world: World): Promise<Firing[]>
}

/**
 * Something the simulated cloud answers HTTP for, on a loopback port of its own that survives restarts. After create
 * and update the output named `urlOutput` holds `http://127.0.0.1:<port>/`. Traffic is counted on the resource that
 * serves; for an alias on its target. Without `urlOutput` it is reached through an alias only.
 */
export type Serving =
  /** Static files from kept bytes (a zip) under a folder in it. */
  | { kind: 'static'; zip: string; root: string; notFound?: string; urlOutput?: string; shut?: Shut; quota?: Quota }
  /**
   * A handler run in a process of its own, from kept bytes (a zip) unpacked beside it. `adapter` is a module (file
   * URL) of the engine's sandbox folder, default export `(folder, options) => Promise<(request) => Promise<response>>`.
   * `options.api` is then the address of the sandbox's APIs, for what the platform's runtime tells of its own.
   */
  | {
      kind: 'handler'
      zip: string
      adapter: string
      options: Json
      environment: Record<string, string>
      /** More requests at once than this are answered 429. Unlimited when absent. */
      concurrency?: number
      /** A request that takes longer is answered 504. 30 seconds when absent. */
      timeoutMs?: number
      urlOutput?: string
      /** Gets `127.0.0.1:<port>`: of what has an address and no name. Beside `urlOutput`. */
      hostOutput?: string
      /** From outside it answers only while a resource of this type with these inputs lives; else 403. */
      openedBy?: { type: string; inputs: Json }
      shut?: Shut
      quota?: Quota
    }
  /** Re-computed from another resource (a function URL serves its function). `urlOutput` gets the address. */
  | { kind: 'alias'; of: { type: string; id: string }; urlOutput: string; shut?: Shut }

/** The platform turns every request away with this: nothing runs and nothing is counted. */
export interface Shut {
  status: number
  text: string
}

/** The platform's own limit: once so much was served in a day or month (UTC), it turns the rest of it away. */
export interface Quota {
  per: 'day' | 'month'
  egressBytes?: number
  busyMs?: number
  shut: Shut
}

export interface BilledAccount {
  id: string
  plan: string
  resources: StoredResource[]
  /** Sandbox clock now, milliseconds. */
  now: number
}

export interface BillLine {
  resource: string
  item: string
  quantity: number
  unit: string
  /** USD. */
  amount: number
}

/** What the adapter of a `handler` is called with and gives back. */
export interface HandlerRequest {
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: Uint8Array
}
export interface HandlerResponse {
  status: number
  /** A list is sent as several headers of that name. */
  headers: Record<string, string | string[]>
  body: Uint8Array
}
