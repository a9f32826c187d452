/** A machine of one's own that an engine deploys to: it is a region of that engine, with meters and a companion of its own. */
export interface Host {
  /** The region. */
  name: string
  /** Under which the ledger counts what it gives; empty for the only one of a platform that lists none. */
  scope: string
  /** What it may promise, by meter id. */
  limits: Readonly<Record<string, number>>
  /**
   * The program that stands for it on this machine, run as a process of its own. It gets its folder as its
   * argument and, where there is one, `input` as the first line of its standard input; prints one JSON line `{"ready":true,"address":"…"}`;
   * ends on SIGTERM, leaving what runs on other machines alone.
   */
  program: string
  input?: string
  /** For people: how it is reached, where its workspaces are found, what its owner says of it. */
  via: 'local' | 'ssh'
  address: string
  labels: Readonly<Record<string, string>>
}

/** How a host is right now. */
export interface HostState {
  /** `connecting`: not tried to the end yet. */
  state: 'up' | 'connecting' | 'away'
  /** Why it is away. */
  why?: string
  /** ISO 8601: since when. */
  since?: string
  /** What keeps its supervisor running there. */
  keptBy?: string
}

/** One thing that was looked at on a host. */
export interface HostFinding {
  what: string
  ok: boolean
  why: string
  hint?: string
}

export interface CheckedHost {
  name: string
  ok: boolean
  findings: HostFinding[]
}

export interface HostsOrder {
  /** The list, where there is one. */
  file: string
  /** The platform's data folder: what is promised of this machine's disk is measured there. */
  dataDir: string
  /** Where the local host's companion works. */
  companionDir: string
}

/** `engines/<code>/hosts/index.ts`, exported as `hosts`: for engines whose platform is machines of one's own. */
export interface Hosts {
  /** All there are; without a file this machine alone. Throws `input.invalid` with every problem of the file at once. */
  list(order: HostsOrder): Promise<Host[]>
  /** `address` as the companion printed it. Never throws. */
  state(address: string): Promise<HostState>
  /** Whether each (or one) can be reached and used, asked there. Changes nothing on it. */
  check(order: HostsOrder, name?: string): Promise<CheckedHost[]>
  /** Makes this machine's supervisor a service of its own, which survives the platform and a reboot. Says what was done. */
  install(order: HostsOrder): Promise<string>
  /** The way back: the platform runs it again. */
  uninstall(order: HostsOrder): Promise<string>
}
