import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Json, KeptAsset } from '../../contract/sandbox.ts'
import { Asset, Secret, UNKNOWN, type Values } from '../../wire/values.ts'
import type { Bytes } from '../inventory/bytes.ts'
import { writeZip } from '../zip/write.ts'

/** Inputs as a resource type sees them: secrets open, unknowns left out, assets read and kept. */
export async function seeInputs(inputs: Values, bytes: Bytes): Promise<Json> {
  return (await see(inputs, bytes)) as Json
}

/** Turns what a resource type gave back into wire values: kept assets become the assets they came from. */
export function showOutputs(outputs: Json, wire: Values, inputs: Json): Values {
  const assets = new Map<string, Asset>()
  collect(wire, inputs, assets)
  return show(outputs, assets) as Values
}

export function isKeptAsset(value: unknown): value is KeptAsset {
  return (
    isRecord(value) &&
    typeof value.kept === 'string' &&
    typeof value.size === 'number' &&
    Object.keys(value).length === 2
  )
}

async function see(value: unknown, bytes: Bytes): Promise<unknown> {
  if (value === UNKNOWN) return undefined
  if (value instanceof Secret) return see(value.value, bytes)
  if (value instanceof Asset) {
    const contents = await contentsOf(value)
    return { kept: await bytes.keep(contents), size: contents.byteLength } satisfies KeptAsset
  }
  if (Array.isArray(value)) return Promise.all(value.map((inner) => see(inner, bytes)))
  if (!isRecord(value)) return value
  const seen: Json = {}
  for (const [key, inner] of Object.entries(value)) {
    const known = await see(inner, bytes)
    if (known !== undefined) seen[key] = known
  }
  return seen
}

async function contentsOf(asset: Asset): Promise<Uint8Array> {
  if (asset.text !== undefined) return Buffer.from(asset.text)
  if (asset.assets !== undefined) return writeZip(await partsOf(asset.assets, ''))
  const path = asset.path ?? fileOf(asset.uri)
  if (path === undefined)
    throw new Error(`expected an asset with contents, got one of hash ${asset.hash ?? 'unknown'} without`)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new Error(`open ${path}: no such file or directory`)
  return found.isDirectory() ? writeZip(await filesBelow(path)) : readFile(path)
}

async function partsOf(parts: Record<string, unknown>, prefix: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  const files: { path: string; bytes: Uint8Array }[] = []
  for (const [name, part] of Object.entries(parts)) {
    if (!(part instanceof Asset)) throw new Error(`expected assets in an archive, got ${typeof part} under "${name}"`)
    if (part.kind === 'archive' && part.assets !== undefined)
      files.push(...(await partsOf(part.assets, `${prefix}${name}/`)))
    else if (part.kind === 'archive' && part.path !== undefined) {
      for (const file of await filesBelow(part.path))
        files.push({ path: `${prefix}${name}/${file.path}`, bytes: file.bytes })
    } else files.push({ path: `${prefix}${name}`, bytes: await contentsOf(part) })
  }
  return files
}

async function filesBelow(folder: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { path: relative(folder, path).split(sep).join('/'), bytes: await readFile(path) }
      }),
  )
}

function fileOf(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined
  if (uri.startsWith('file://')) return new URL(uri).pathname
  throw new Error(`a simulated cloud reads assets from files, not from "${uri}"`)
}

/** Walks the inputs in both forms side by side, and notes which kept bytes belong to which asset. */
function collect(wire: unknown, seen: unknown, into: Map<string, Asset>): void {
  if (wire instanceof Secret) collect(wire.value, seen, into)
  else if (wire instanceof Asset) {
    if (isKeptAsset(seen)) into.set(seen.kept, wire)
  } else if (Array.isArray(wire)) {
    if (Array.isArray(seen)) for (const [index, inner] of wire.entries()) collect(inner, seen[index], into)
  } else if (isRecord(wire) && isRecord(seen)) {
    for (const [key, inner] of Object.entries(wire)) collect(inner, seen[key], into)
  }
}

function show(value: unknown, assets: Map<string, Asset>): unknown {
  if (value instanceof Asset) return value
  if (value instanceof Secret) return new Secret(show(value.value, assets))
  if (isKeptAsset(value)) return assets.get(value.kept)
  if (Array.isArray(value)) return value.map((inner) => show(inner, assets))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, show(inner, assets)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
