import type { Engine } from '../../engines/contract/engine.ts'
import type { BuildSettings } from '../../engines/parts/build/settings.ts'
import type { EngineTruth } from './truth.ts'

/** Where deployments come from: only ids travel. Implemented by the platform's queue. */
export interface JobSource {
  /** Calls `work` for each id, at most `concurrency` at a time. What `work` throws is redelivered by the queue's own rules. */
  start(
    work: (deployment: string) => Promise<void>,
    concurrency: number,
  ): Promise<{
    /** Takes no new work; resolves when what runs has ended. */
    drain(): Promise<void>
    close(): Promise<void>
  }>
}

/** All a clone is told when it is born. The stem cell reads no environment of its own. */
export interface Birth {
  clone: string
  host: string
  engine: Engine
  truth: EngineTruth
  jobs: JobSource
  /** How many deployments at once. */
  capacity: number
  /** DATA/engines/<clone>: work folders, PULUMI_HOME, TMPDIR, artifacts cache below it. */
  folder: string
  /** DATA/artifacts: content-addressed, shared by the clones of one host. */
  artifacts: string
  /** The Pulumi CLI. */
  pulumi: { path: string; version: string }
  /** State backend URL for a lease's token (`postgres://…?table=…&options=-c pipi.token=N`). */
  stateUrl(token: number): string
  /** For reading the state without a CLI. */
  statePool: { query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }> }
  stateTable: string
  /** gRPC address by Pulumi provider name: the sandbox's, or a started plugin's. In-process providers are started by the stem cell. */
  upstreams: Record<string, string>
  /** Base URL of the platform's HTTP API for look-ups. */
  platformApi: string | undefined
  companion: string | undefined
  /** All companions' addresses by region, where the engine lists hosts. */
  companions?: Readonly<Record<string, string>>
  /** Variables by which this host reaches the internet (proxy, certificates, package registry), for git and builds. */
  network?: Record<string, string>
  /** What builds may take of this host, and what they work with. */
  builds?: BuildSettings
  /** Where the platforms are simulated they have given up on a create by then, milliseconds. */
  deadlineCapMs?: number
  /**
   * For deployments and watches that bring no credentials, by provider configuration key: where one clone serves one
   * account. The platform gives none here, so that nobody is let in with another's.
   */
  credentials?: Record<string, string>
  /**
   * gRPC addresses of providers that are configured like this and no other way, until `release`: a real plugin keeps one
   * configuration in its process. Missing: `upstreams` keep one for each connection.
   */
  upstreamsFor?(configuration: Record<string, unknown>): Promise<{ addresses: Record<string, string>; release(): void }>
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

export interface LivingClone {
  /** Stops taking work, finishes what runs. */
  drain(): Promise<void>
  /** Stops now: SIGINT to running CLIs, hands unfinished work back. */
  stop(): Promise<void>
  /** Resolves when the clone has ended by itself (drained to nothing on request). */
  ended: Promise<void>
}
