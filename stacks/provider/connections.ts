import type { ConfiguredProvider, TypeScriptProvider } from '../contract/provider.ts'

/** More peers than any machine runs engines; the one unused for longest is forgotten (gRPC does not tell when a peer has gone). */
const MOST = 2_000

/** Whoever asks has to configure again: answered as FAILED_PRECONDITION. */
export class NotConfigured extends Error {
  constructor(provider: string) {
    super(`provider "${provider}" was not configured on this connection`)
    this.name = 'NotConfigured'
  }
}

/** What each connection was configured with. A provider's configuration never leaks into another connection. */
export class Connections {
  readonly #provider: TypeScriptProvider
  readonly #byPeer = new Map<string, { configured: Promise<ConfiguredProvider>; cancelled: boolean }>()

  constructor(provider: TypeScriptProvider) {
    this.#provider = provider
  }

  /** A new Configure on the same connection replaces what stood there, and lifts a cancel. */
  async configure(peer: string, variables: Record<string, unknown>, token?: string): Promise<void> {
    const configured = this.#provider.configure(variables, token === undefined ? {} : { token })
    this.#byPeer.delete(peer)
    this.#byPeer.set(peer, { configured, cancelled: false })
    const unused = this.#byPeer.keys().next().value
    if (this.#byPeer.size > MOST && unused !== undefined) this.#byPeer.delete(unused)
    try {
      await configured
    } catch (error) {
      this.#byPeer.delete(peer)
      throw error
    }
  }

  /** For reading, which is harmless after a cancel. */
  async of(peer: string): Promise<ConfiguredProvider> {
    const connection = this.#byPeer.get(peer)
    if (connection === undefined) throw new NotConfigured(this.#provider.name)
    // Used last, forgotten last.
    this.#byPeer.delete(peer)
    this.#byPeer.set(peer, connection)
    return connection.configured
  }

  /** For changing something: refused once this connection was cancelled. */
  async forChange(peer: string): Promise<ConfiguredProvider> {
    if (this.#byPeer.get(peer)?.cancelled === true) throw new Error('the run was cancelled: nothing new is begun')
    return this.of(peer)
  }

  /** Concerns this connection only: operations in flight may end, new ones are refused. */
  async cancel(peer: string): Promise<void> {
    const connection = this.#byPeer.get(peer)
    if (connection === undefined) return
    connection.cancelled = true
    const configured = await connection.configured
    configured.cancel?.()
  }
}
