import { randomBytes } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../../engines/parts/image/layout.ts'
import { imageOf, rawTar } from './images.ts'

/** Files and no program: whose command is `node` runs by this machine's. `bytes` of noise make it so large. */
export function plainBase(bytes = 0): Promise<Layout> {
  const noise = bytes === 0 ? [] : [{ path: 'etc/noise', type: 'File' as const, body: randomBytes(bytes) }]
  const name = { path: 'etc/os-release', type: 'File' as const, body: 'NAME=nothing\n' }
  return imageOf([rawTar([{ path: 'etc/', type: 'Directory' }, name, ...noise])])
}

/** Puts a base image into a store of artifacts, as if it had been fetched before; gives the name that a manifest calls it by. */
export async function keepBase(artifacts: string, layout: Layout): Promise<string> {
  const { digest } = layout.manifest
  await cp(layout.path, join(artifacts, 'images', `${digest.slice('sha256:'.length)}-amd64`), { recursive: true })
  return `registry.example/base@${digest}`
}
