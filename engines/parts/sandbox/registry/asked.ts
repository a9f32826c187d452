import type { ApiCall, ApiReply, ApiWorld } from '../../../../stacks/contract/sandbox.ts'

export interface RegistryGiven {
  /** Code of the engine whose API it belongs to, for the addresses that it gives out. */
  engine: string
  /** The type of an image in the inventory: `imageResource()` says how it behaves. */
  type: string
  /** Path of the token service at the same host, which the cloud answers itself: named to who comes without a proof. */
  tokens: string
  /** Whether a blob may come in several pieces; left out: in one only. */
  chunks?: boolean
  /** Why the caller may not do that to images of this name (`denied`, for one); undefined: it may. */
  refuses(name: string, action: Action): Promise<ApiReply | undefined>
}

export type Action = 'pull' | 'push' | 'delete'

/** One call about one name, as the parts of the registry see it. */
export interface Asked {
  call: ApiCall
  world: ApiWorld
  given: RegistryGiven
  /** Of the repository in the registry: the path in front of `manifests`, `blobs`. */
  name: string
  /** Absolute address of a path at this registry. */
  addressOf(path: string): string
}
