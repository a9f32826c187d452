import type { Registry } from 'prom-client'
import type { Adoption } from '../commander/adopt.ts'
import type { DnsQuestions } from '../commander/dns-answers.ts'
import type { EngineFacts } from '../commander/engine-facts.ts'
import type { IntakeRequest } from '../commander/intake-context.ts'
import type { Reconciled } from '../commander/reconcile-ledger.ts'
import type { Wishes } from '../commander/wishes.ts'
import type { Log } from '../log.ts'
import type { AccountKeeper } from '../start/account-keeper.ts'
import type { CredentialKeeper } from '../start/credential-keeper.ts'
import type { MachineRoom } from '../start/machine-room.ts'
import type { Deployment } from '../store/deployment.ts'
import type { Database } from '../store/open.ts'
import type { NamedSecret } from '../store/secrets.ts'
import type { SecretToSet } from '../store/set-secret.ts'
import type { Role } from './authenticate.ts'
import type { EventHub } from './event-hub.ts'

/** Everything the API is wired to. */
export interface ApiContext {
  version: string
  log: Log
  db: Database
  metrics: Registry
  engines: readonly EngineFacts[]
  /** The same as one account may use them. */
  enginesFor(account: string): Promise<readonly EngineFacts[]>
  /** Who else uses the platform, and of whom its owner speaks. */
  accounts: AccountKeeper
  /** Credentials that accounts have set. */
  credentials: CredentialKeeper
  /** Where the catalogue's files lie. */
  catalogFolder: string
  events: EventHub
  authenticate(token: string): Promise<{ account: string; token: string; role: Role } | undefined>
  intake(request: IntakeRequest): Promise<Deployment>
  /** A refused deployment with what would be free instead, now. */
  withAlternatives(deployment: Deployment): Promise<Deployment>
  /** Recomputes what is held from what really exists, of one engine's cloud account or of all. */
  reconcile(account: string, engine?: string): Promise<{ cloudAccounts: Reconciled[] }>
  /** What an owner wants of a cloud account: proposed, then confirmed. */
  wishes: Wishes
  /** Sets a cloud account's own walls. */
  secure(asked: {
    account: string
    cloudAccount: string
    by: string
    key?: string | undefined
    email?: string | undefined
  }): Promise<Deployment>
  /** Deploys what stands with what a crash left taken in. */
  adopt(asked: Adoption): Promise<Deployment>
  /** Keeps a secret, sealed. */
  setSecret(asked: SecretToSet): Promise<NamedSecret>
  cancel(account: string, deployment: string, by: string): Promise<Deployment>
  /** Where names of workspaces are asked for. */
  dns: DnsQuestions
  /** Deployments that a free clone could start now, by engine. */
  waiting(): Promise<Record<string, number>>
  /** How many clones the factory wants of an engine now, and why none comes up. */
  wanted(engine: string): { wanted: number; trouble?: string }
  /** The machines of one's own, as an account may see them. */
  hosts(account: string): Promise<MachineRoom[]>
  /** The sandbox's admin API; undefined when the platform deploys to real clouds. */
  sandbox: (() => { admin: string; token: string }) | undefined
  /** Whether each part answers. */
  ready(): Promise<Record<string, { ok: boolean; detail?: string }>>
}
