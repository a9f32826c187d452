import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Asset, Secret } from '../wire/values.ts'

/**
 * Values with the hash of each file or text in them, as the Pulumi engine adds it before a provider compares. Folders and
 * archives made of parts stay without: for them a provider compares what it is given.
 */
export async function hashAssets(value: unknown): Promise<unknown> {
  if (value instanceof Secret) return new Secret(await hashAssets(value.value))
  if (value instanceof Asset) return hashed(value)
  if (Array.isArray(value)) return Promise.all(value.map(hashAssets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await hashAssets(inner)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function hashed(asset: Asset): Promise<Asset> {
  if (asset.hash !== undefined) return asset
  if (asset.text !== undefined)
    return new Asset(asset.kind, { ...asset, hash: sha256().update(asset.text).digest('hex') })
  if (asset.path === undefined || !(await stat(asset.path)).isFile()) return asset
  const hash = sha256()
  await pipeline(createReadStream(asset.path), hash)
  return new Asset(asset.kind, { ...asset, hash: hash.digest('hex') })
}

function sha256() {
  return createHash('sha256')
}
