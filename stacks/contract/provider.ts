/**
 * A Pulumi provider written in TypeScript, as `stacks/provider/serve.ts` puts it on the wire. Values are plain JSON with
 * the special ones of `stacks/wire/values.ts` (secrets, unknowns, assets) inside. Throwing in an operation is the
 * platform's refusal; `PartialFailure` keeps an id that came to be.
 */
export interface TypeScriptProvider {
  name: string
  version: string
  /**
   * One per connection's Configure: `variables` are the provider's configuration, secrets unwrapped. `token` is the
   * fencing token of the lease that the caller acts under, where it says so (gRPC metadata `pipi-token`).
   */
  configure(variables: Record<string, unknown>, caller?: { token?: string }): Promise<ConfiguredProvider>
}

export interface ConfiguredProvider {
  check(
    type: string,
    inputs: Values,
    old: Values | undefined,
    urn: string,
  ): Promise<{ inputs: Values; failures: CheckFailure[] }>
  diff(
    type: string,
    id: string,
    oldInputs: Values,
    newInputs: Values,
    urn: string,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }>
  create(type: string, inputs: Values, urn: string, preview: boolean): Promise<{ id: string; outputs: Values }>
  /** Undefined: it does not exist. `state`: the outputs that a refresh holds of it, for what stands nowhere else. */
  read(
    type: string,
    id: string,
    urn: string,
    inputs: Values | undefined,
    state?: Values,
  ): Promise<{ id: string; inputs: Values; outputs: Values } | undefined>
  update(
    type: string,
    id: string,
    oldInputs: Values,
    newInputs: Values,
    urn: string,
    preview: boolean,
  ): Promise<{ outputs: Values }>
  delete(type: string, id: string, outputs: Values, urn: string): Promise<void>
  invoke(token: string, args: Values): Promise<Values>
  /** The run on this connection was cancelled: what waits may give up, what is being made should end. */
  cancel?(): void
}

export type Values = Record<string, unknown>
export interface CheckFailure {
  property: string
  reason: string
}

/** The resource exists under `id`, but something after its creation failed. */
export class PartialFailure extends Error {
  readonly id: string
  readonly outputs: Values
  constructor(message: string, id: string, outputs: Values) {
    super(message)
    this.name = 'PartialFailure'
    this.id = id
    this.outputs = outputs
  }
}
