import type { Input, Output } from '@pulumi/pulumi'
import { z } from 'zod'
import type { DemandAnswer } from '../../catalog/demand.ts'
import type { Platform } from '../../catalog/schema.ts'
import type { PlatformReader } from '../../stacks/contract/find.ts'
import type { BuiltComponent, Component, ComponentKind, ComponentOf } from './component.ts'
import type { Host, Hosts } from './hosts.ts'
import type { Authenticate, CheckAccount, Exchange, GuardRails, ReadUsage, Survey } from './watch.ts'

/** One thing that a provider's configuration takes: from which environment variable, and what the sandbox gives instead. */
const credentialSchema = z.strictObject({
  config: z.string(),
  env: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  secret: z.boolean(),
  sandbox: z.string(),
})
/** A credential of a further way: the sandbox's owner comes by the first one. */
const furtherSchema = credentialSchema.omit({ sandbox: true }).extend({
  /** It lives for minutes: whoever reads it anew finds another one, which says the same of who it is. */
  fleeting: z.boolean().default(false),
})

/** `engines/<code>/engine.yaml`: an engine's DNA. */
export const dnaSchema = z.strictObject({
  code: z.string().regex(/^[a-z]{3}$/),
  name: z.string().min(1),
  /** Pulumi provider names that this engine's programs use (the package part of a type token). */
  providers: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).min(1),
  /** `simulated` in sandbox mode and a real plugin otherwise, or `in-process`: a provider of ours, at the simulated API where there is one. */
  provider: z.enum(['plugin', 'in-process']),
  /**
   * Provider names beside `providers` that `startProvider` answers for, in this process: for what the platform's own
   * plugin has no resource for. A sandbox that simulates them answers in its place.
   */
  inProcess: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).default([]),
  /** Regions in which everything the programs use is free, best first. */
  regions: z.array(z.string()).min(1),
  /** What the provider's configuration takes to be let in. */
  credentials: z.array(credentialSchema).default([]),
  /** Other ways to be let in, each complete by itself: exactly one of all of them has to be there. */
  ways: z
    .array(z.strictObject({ name: z.string().regex(/^[a-z][a-z-]*$/), credentials: z.array(furtherSchema).min(1) }))
    .default([]),
  /** Provider configuration that is not a credential, e.g. a region: `{region}` and `{project}` are filled in. */
  config: z.record(z.string(), z.string()).default({}),
  /** Base of the platform's own HTTP API, where a look-up by path needs one. */
  api: z.url({ protocol: /^https$/ }).optional(),
  /** The cloud account that sandbox mode opens for the owner. */
  sandbox: z
    .strictObject({
      cloudAccount: z.string(),
      plan: z.string(),
      consentWatched: z.boolean(),
      note: z.string(),
    })
    .optional(),
  /** How long a release may take until it answers after all resources stand, milliseconds; a minute when left out. */
  healthyWithinMs: z.int().positive().optional(),
  /** Milliseconds after which the provider has given up on one create, by resource type; `default` for the rest. */
  deadlinesMs: z.record(z.string(), z.int().positive()),
})
export type EngineDna = z.infer<typeof dnaSchema>

/** A way to be let in at a platform. */
export interface Way {
  name: string
  credentials: readonly (Omit<z.infer<typeof credentialSchema>, 'sandbox'> & { fleeting?: boolean })[]
}

/** All of an engine's, the one by keys first; none where nobody has to be let in. */
export function waysOf({
  credentials,
  ways = [],
}: Pick<EngineDna, 'credentials'> & { ways?: EngineDna['ways'] }): Way[] {
  return credentials.length === 0 ? [] : [{ name: 'keys', credentials }, ...ways]
}

/** Who the platform bills, and what its owner has agreed to. */
export interface CloudAccount {
  id: string
  engine: string
  plan: string
  /** Whether watched meters are fine here: the plan stops by itself, or the owner has agreed. */
  consentWatched: boolean
  /** `stopped`: nothing new is made. `suspended`: and what burns stands still. */
  switch?: 'open' | 'stopped' | 'suspended'
  /** ISO 8601: until then the owner lets facts past their date be used. */
  staleUntil?: string
  /** Whether the platform itself confirmed id and plan; missing: not asked yet. */
  armed?: boolean
}

/** What demand is computed with beside a resource's inputs. */
export interface DemandContext {
  plan: string
  region: string
  /** Expected use of the component a resource belongs to (by URN name prefix), else the manifest's defaults. */
  expect: { requests: number; egressMb: number }
  /** The owner lets facts past their date be used (audited). */
  allowStale?: boolean
}

/** The artifact a carrier sends to its platform. */
export type Artifact =
  /** A file on this machine: zip, tarball. `digest` is the sha256 of its bytes in hex. */
  | { travels: 'file'; path: string; digest: string }
  /** A folder on this machine (pip copies it). `digest` is content-addressed; `made` as in what was built. */
  | { travels: 'folder'; path: string; digest: string; made?: Made | undefined }
  /**
   * An OCI image layout (a folder) on this machine. `digest` is that of its manifest, sha256 in hex; `bytes` what a
   * registry keeps of it: manifest, configuration and compressed layers, each once. Where it travels as files, to a host that
   * unpacks it itself, both are of these files, and `unpacked` is how many bytes it has then.
   */
  | { travels: 'image'; path: string; digest: string; bytes: number; unpacked?: number | undefined }
  /** The platform fetches it by itself. */
  | { travels: 'git'; url: string; ref: string; commit: string; path: string }

/** What `build` leaves: a folder with what is to be run or served, content-addressed by `digest` (sha256 hex). */
export interface Built {
  path: string
  digest: string
  /** The exact source, where it came from git. */
  git?: {
    url: string
    ref: string
    commit: string
    path: string
    /** The commit that `ref` is at now, where it is a branch: for platforms that follow branches by themselves. */
    head?(): Promise<string | undefined>
  }
  /** What it was made with and what can run it; missing where only the manifest says so. */
  made?: Made
}

/** What the build found in the source, and what came of it. */
export const madeSchema = z.strictObject({
  tool: z.enum(['npm', 'maven', 'gradle', 'none', 'github']),
  /**
   * `files`: nothing that starts by itself; `node`: the component's `main`; `jar`, `war`: `java -jar`;
   * `boxlang`: `java -jar` of the MiniServer with the folder `webroot` of the result as its web root.
   */
  runtime: z.enum(['files', 'node', 'jar', 'war', 'boxlang']),
  /** What `java -jar` starts, relative to the result; what its Class-Path names lies beside it. */
  jar: z.string().optional(),
})
export type Made = z.infer<typeof madeSchema>

export interface ProgramContext<K extends ComponentKind = ComponentKind> {
  workspace: { id: string; name: string }
  component: ComponentOf<K>
  artifact: K extends 'database' | 'store' ? Nothing : Artifact
  region: string
  /** Short stable prefix for names at the platform (unique per workspace and component, <= 32 characters). */
  slug: string
  /** The manifest's, the workspace's secrets, and the addresses of what it uses; what is secret is marked so. */
  environment: Record<string, Input<string>>
  /** What the databases and stores it uses gave back, by component name: for the rights that it needs there. */
  uses: Record<string, ProgramOutputs>
  /** What the engine's `surroundings` told before the plan; missing where it has none. */
  surroundings?: Readonly<Record<string, string>>
  /** The run it is declared in; missing: it is declared alone. */
  together?: Together
}

/** One run of a workspace's program. */
export interface Together {
  /** All of the workspace's components: what is not built first, then the built ones in the manifest's order. */
  components: readonly Component[]
  /** For carriers that put several components on one thing: what those declared before left, by the engine's own keys. */
  shared: Map<string, unknown>
}

/** What an engine asks its surroundings with. */
export interface SurroundingsContext {
  account: CloudAccount
  region: string
  platform: PlatformReader
  /** What the workspace's stack holds already: what was chosen once stays. Secrets are there, and undefined. */
  standing: readonly { type: string; name: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[]
}

/** Of what has no source (databases, stores). */
export interface Nothing {
  travels: 'nothing'
}

/** What a component program gives back. */
export interface ProgramOutputs {
  /** Where it answers HTTP; of a database or store: its address for those that use it, without credentials. */
  url: Input<string> | Output<string | undefined>
  /** Where the old release goes on answering for a while: what the new one answers with as its header `pipi-release`. */
  release?: Input<string>
  [name: string]: unknown
}

/** What packing may need beside what was built. */
export interface Packing {
  /** DATA/artifacts, content-addressed, shared by the clones of one host: what was fetched once is kept there. */
  artifacts: string
  signal?: AbortSignal
  /** A Docker `config.json` with logins for registries that base images come from; left out: nobody's. */
  dockerConfig?: string
  log?(line: string): void
}

/** One file per component kind under `engines/<code>/programs/`. The file's name is the kind. */
export interface ProgramModule<K extends ComponentKind = ComponentKind> {
  kind: K
  /** Turns what was built into what travels. `folder` is for files it makes; same input, same digest. Databases and stores have none. */
  pack?(
    built: Built,
    component: Extract<BuiltComponent, { kind: K }>,
    folder: string,
    packing?: Packing,
  ): Promise<Artifact>
  /** Declares the Pulumi resources of one component. Names start with the component's name. */
  declare(context: ProgramContext<K>): ProgramOutputs
}

/** How the guard and the recovery treat one resource type. */
export interface ResourceRule {
  /**
   * Fills in what must be set to stay free and was left out, on plain JSON inputs; never overrides.
   * Called at the provider's Check with resolved inputs (unknowns and secrets are left alone by the caller).
   */
  safe?(inputs: Record<string, unknown>): Record<string, unknown>
  /**
   * Inputs under which it burns nothing and can be brought back by the inputs it had: throttled to zero, scaled to none.
   * Missing: it burns nothing by being there, or cannot be made to stand still.
   */
  suspended?(inputs: Record<string, unknown>): Record<string, unknown>
  /** What it takes. Unknown values arrive as `undefined`: then assume the worst or say `lock.unsafe-input`. */
  demand(inputs: Record<string, unknown>, context: DemandContext): DemandAnswer
  /** Property paths that our tag goes to: `tags` or `labels` (a string map), or null: found by name or parent. */
  tagProperty: 'tags' | 'labels' | 'defaultTags' | 'freeformTags' | null
  /**
   * From resolved inputs: what `find` needs (a name, or the parent's id). Must identify one resource at the platform.
   */
  lookup(inputs: Record<string, unknown>): Record<string, unknown>
  /**
   * After a crash: the id of what the look-up key names, or undefined when the platform has no such thing. What it
   * finds must carry our workspace id in its tag where the type has one (`owner` is that id).
   */
  find(lookup: Record<string, unknown>, platform: PlatformReader, owner: string): Promise<string | undefined>
  /** Holds users' data: never replaced or deleted unless named. */
  stateful: boolean
  /** Of a stateful type: whether one of this name (that of its URN) holds nothing of users', e.g. only what can be built again. */
  disposable?(name: string): boolean
}

/** An engine as the stem cell takes it in: assembled by scanning the folder. */
export interface Engine {
  dna: EngineDna
  folder: string
  /** By component kind; a kind that is missing has no free carrier here. */
  programs: Partial<Record<ComponentKind, ProgramModule>>
  rules: Record<string, ResourceRule>
  /** The catalogue's facts about this platform. */
  facts: Platform
  /** `engines/<code>/watch/{usage,survey,check}.ts`, each a default export, loaded when first asked for. */
  watch: {
    usage?: ReadUsage
    survey?: Survey
    check?: CheckAccount
    /** The types that `survey` lists: of others its silence says nothing. */
    surveyed?: () => Promise<readonly string[]>
    /** For the platform's own HTTP API; missing: it is asked without proof. */
    authenticate?: () => Promise<Authenticate>
  }
  /**
   * `engines/<code>/exchange.ts`, default export: what is short-lived (a token of somebody else's) becomes what providers
   * and watches take. Missing: they take the credentials as they are.
   */
  exchange?: Exchange
  /** `engines/<code>/guard-rails.ts`, default export. */
  guardRails?: GuardRails
  /** Why there are none, for who asks for them (`engines/<code>/rules.ts` may export `noGuardRails`). */
  noGuardRails?: string
  /** Limits that only the host itself knows (memory, disk, ports): by meter id, in place of the catalogue's `host`. */
  limits?: (options?: { dataDir?: string }) => Promise<Record<string, number>>
  /**
   * `engines/<code>/surroundings.ts`, default export: what only the platform can tell and programs have to name (they
   * cannot ask). Asked once for a deployment, before its plan; nothing that it asks may cost money.
   */
  surroundings?(given: SurroundingsContext): Promise<Readonly<Record<string, string>>>
  /** `engines/<code>/hosts/index.ts`: for a platform that is machines of one's own. */
  hosts?: () => Promise<Hosts>
  /** Those that there are, once the platform has asked `hosts`: their names are its regions. */
  machines?: readonly Host[]
  /** For `provider: in-process` and for `inProcess`: starts our own Pulumi provider; `companion` is the companion's address. */
  startProvider?: (options: {
    dataDir: string
    companion: string | undefined
    /** All companions' addresses by region, where the engine lists hosts. */
    companions?: Readonly<Record<string, string>>
  }) => Promise<{ address: string; close(): Promise<void> }>
  /** Why a kind has no carrier, for refusals (`engines/<code>/rules.ts` may export `noCarrier`). */
  noCarrier: Partial<Record<ComponentKind, string>>
  /**
   * Why this component cannot be carried for free, though its kind can; undefined: it can. Asked before anything is
   * built, without loading a program (`engines/<code>/rules.ts` may export `refuses`).
   */
  refuses?(component: Component): string | undefined
  /** What to do about a failure in the platform's own words, where it is a common one (`engines/<code>/rules.ts` may export `advises`). */
  advises?(failure: string): string | undefined
}
