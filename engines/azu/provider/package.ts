import { z } from 'zod'
import { Asset } from '../../../stacks/wire/values.ts'

/** A zip on this machine, as the program names it. */
export const packageSchema = z.instanceof(Asset).refine((asset) => asset.path !== undefined, 'a file of this machine')

/** Inputs of every content. */
export const contentShape = {
  resourceGroupName: z.string().min(1),
  /** The address that the app was born with. */
  host: z.string().min(1),
  package: packageSchema,
  /** sha256 of the zip, hex: what is deployed is known by it. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
}
export const settingsSchema = z.record(z.string(), z.string())

export function pathOf(asset: Asset): string {
  return asset.path ?? ''
}

/** The package stays the one that is known as long as its digest is what is deployed. */
export function packageKnown(known: Record<string, unknown> | undefined, digest: string): Record<string, unknown> {
  return known?.digest === digest && known.package instanceof Asset ? { package: known.package } : {}
}
