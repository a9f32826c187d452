/**
 * How a look-up after a crash reaches the platform: through the provider's own Read and data sources over the same
 * connection, or through the platform's HTTP API. The sandbox answers all three.
 */
export interface PlatformReader {
  /** The provider's Read. Undefined when the platform has no such resource. */
  read(
    type: string,
    id: string,
    inputs?: Record<string, unknown>,
  ): Promise<{ id: string; properties: Record<string, unknown> } | undefined>
  /** The provider's Invoke of a data source, e.g. `package:module/getThing:getThing`. */
  invoke(token: string, args: Record<string, unknown>): Promise<Record<string, unknown>>
  /** GET of the platform's own HTTP API, with the engine's credentials; JSON. Undefined on 404. */
  get(path: string): Promise<unknown>
}
