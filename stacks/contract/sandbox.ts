/**
 * What a simulated cloud is. The host in `stacks/sandbox/` is blind to clouds; an engine's folder (`engines/<code>/
 * sandbox/`) says how its resource types behave and what they cost. The prices are the witness' own and import nothing
 * from catalogue, demand or ledger.
 */
export interface SimulatedCloud {
  /** Pulumi provider name that the programs use: the package part of a type token. */
  provider: string
  engine: string
  resources: Record<string, SimulatedResource>
  /** Data sources by token. */
  invokes?: Record<string, (args: Json, world: World) => Promise<Json>>
  /** The platform's HTTP API under `/api/<engine>/…`, as far as look-ups need it: GET only. */
  api?(path: string, world: World): Promise<{ status: number; body: Json }>
  /** The witness' price list: what this cloud bills one cloud account for, at the sandbox clock's time. */
  bill(account: BilledAccount): BillLine[]
}

export type Json = Record<string, unknown>

export interface World {
  /** Who is billed, from the credentials given to Configure. */
  cloudAccount: string
  region: string
  /** Milliseconds, the sandbox clock. */
  now(): number
  /** Pseudo-random hex of the given length, from the sandbox's seed: plausible ids. */
  hex(length: number): string
  /** Everything of this cloud account that exists now. */
  list(type?: string): Promise<StoredResource[]>
  /** Keeps bytes by their sha256 (an uploaded artifact). */
  keep(bytes: Uint8Array): Promise<string>
  kept(digest: string): Promise<Uint8Array | undefined>
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
}

export interface SimulatedResource {
  /** Input properties whose change forces a replacement. */
  replaceOn: string[]
  /** Defaults a provider's Check fills in, and what the cloud would refuse: `{property, reason}` as the cloud words it. */
  check?(inputs: Json, world: World): Promise<{ inputs?: Json; failures?: { property: string; reason: string }[] }>
  /** Throws `Error` with the cloud's own wording for what it refuses (name taken, unknown region, missing artifact). */
  create(inputs: Json, world: World): Promise<{ id: string; outputs: Json; serve?: Serving }>
  update?(id: string, inputs: Json, old: StoredResource, world: World): Promise<{ outputs: Json; serve?: Serving }>
  delete?(stored: StoredResource, world: World): Promise<void>
}

/** Something the simulated cloud answers HTTP for, on a loopback port of its own that survives restarts. */
export type Serving =
  /** Static files from kept bytes (a zip) under a folder in it. */
  | { kind: 'static'; zip: string; root: string; notFound?: string; urlOutput: string }
  /**
   * A handler run in a process of its own, from kept bytes (a zip) unpacked beside it. `adapter` is a module (file
   * URL) of the engine's sandbox folder, default export `(folder, options) => Promise<(request) => Promise<response>>`.
   */
  | {
      kind: 'handler'
      zip: string
      adapter: string
      options: Json
      environment: Record<string, string>
      urlOutput: string
    }
  /** Re-computed from another resource (a function URL serves its function). `urlOutput` gets the address. */
  | { kind: 'alias'; of: { type: string; id: string }; urlOutput: string }

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
  headers: Record<string, string>
  body: Uint8Array
}
