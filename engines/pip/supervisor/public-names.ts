import { isDeepStrictEqual } from 'node:util'
import { PipiError } from '../../../catalog/errors.ts'
import { readCaddy, writeCaddy } from './caddy.ts'
import type { Place } from './place.ts'

/** The names under which one port of this host is reached. */
export interface NamedPort {
  names: readonly string[]
  port: number
}

type Tree = Record<string, unknown>

/** Caddy may be started again without what it was told: that often it is looked after, milliseconds. */
const LOOK_MS = 15_000
const TRIES = 3

/**
 * Names of their own for what runs here: a server beside whatever else this host's Caddy serves, with certificates that
 * it gets and renews by itself. Nothing of it is touched while no name is wanted.
 */
export class PublicNames {
  readonly #place: Place
  readonly #key: string
  #wanted: NamedPort[] = []
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** `tag` tells this supervisor's part of the configuration from others'. */
  constructor(place: Place, tag: string) {
    this.#place = place
    this.#key = `pipi-${tag.slice(0, 8)}`
  }

  /** Whether Caddy is there to be told. */
  async state(): Promise<{ ready: boolean; why?: string }> {
    return readCaddy(this.#place.caddy.admin).then(
      () => ({ ready: true }),
      (error: Error) => ({ ready: false, why: error.message }),
    )
  }

  /** From now on these names, and no others of ours, lead to these ports. Throws when Caddy cannot be told; then it is told later. */
  async tell(wanted: readonly NamedPort[]): Promise<void> {
    const none = this.#wanted.length === 0
    this.#wanted = wanted.filter(({ names }) => names.length > 0)
    if (none && this.#wanted.length === 0) return
    if (this.#wanted.length > 0)
      this.#timer ??= setInterval(() => this.#agree().catch(() => undefined), LOOK_MS).unref()
    await this.#agree()
    if (this.#wanted.length === 0) this.close()
  }

  /** What Caddy serves it goes on serving. */
  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #agree(): Promise<void> {
    const mine = this.#turn.then(() => this.#write())
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #write(): Promise<void> {
    const { admin } = this.#place.caddy
    for (let tried = 1; tried <= TRIES; tried += 1) {
      const { value, mark } = await readCaddy(admin)
      const next = withNames(value, this.#key, this.#wanted, this.#place)
      if (isDeepStrictEqual(value, next)) return
      if (await writeCaddy(admin, next, mark)) return
    }
    throw new PipiError('platform.busy', 'Somebody else changes the configuration of Caddy all the time', {
      hint: 'Try again in a moment.',
    })
  }
}

/** A configuration with a server of ours for these names, and without what it said of us before. */
export function withNames(config: Tree, key: string, wanted: readonly NamedPort[], place: Place): Tree {
  const next = structuredClone(config)
  const { listen, internal } = place.caddy
  const host = place.listen === '0.0.0.0' ? '127.0.0.1' : place.listen
  const policyId = `${key}-tls`
  const servers = at(next, ['apps', 'http', 'servers'], wanted.length > 0)
  if (servers !== undefined) delete servers[key]
  const automation = at(next, ['apps', 'tls', 'automation'], wanted.length > 0 && internal)
  const policies = ((automation?.policies ?? []) as Tree[]).filter((policy) => policy['@id'] !== policyId)
  if (wanted.length > 0 && servers !== undefined) {
    servers[key] = {
      listen: [listen],
      // Only where visitors come by the usual ports is there one to lead them away from.
      ...(listen === ':443' ? {} : { automatic_https: { disable_redirects: true } }),
      routes: wanted.map(({ names, port }) => ({
        match: [{ host: [...names] }],
        handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: `${host}:${port}` }] }],
        terminal: true,
      })),
    }
    const subjects = wanted.flatMap(({ names }) => names)
    if (internal) policies.unshift({ '@id': policyId, subjects, issuers: [{ module: 'internal' }] })
  }
  if (automation !== undefined) automation.policies = policies
  return next
}

/** The object at a path, made where `make` says so. */
function at(tree: Tree, path: readonly string[], make: boolean): Tree | undefined {
  let here: Tree | undefined = tree
  for (const name of path) {
    if (here === undefined) return undefined
    if (here[name] === undefined && make) here[name] = {}
    here = here[name] as Tree | undefined
  }
  return here
}
