import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Header, type HeaderData } from 'tar'
import { type Layout, openLayout, sha256 } from '../../engines/parts/image/layout.ts'
import { MEDIA, type OciConfig } from '../../engines/parts/image/oci.ts'
import { beginLayout, closeLayout, writeBlob } from '../../engines/parts/image/write-layout.ts'
import { openRegistry } from '../../engines/parts/registry/client.ts'
import { debianPackages } from './debian.ts'
import { tempFolder } from './temp.ts'

export type RawEntry = Omit<HeaderData, 'type'> & {
  path: string
  type: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'
  body?: string | Buffer
}

/** A tar archive of exactly these entries, whatever they are. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  const blocks = entries.flatMap(({ body = '', ...data }) => {
    const bytes = Buffer.from(body as Buffer)
    const header = new Header({
      mode: data.type === 'Directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
      size: bytes.length,
      ...data,
    })
    header.encode()
    return [header.block as Buffer, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** An image of these layers (uncompressed tar archives), as a layout. */
export async function imageOf(
  layers: readonly Buffer[],
  config: OciConfig['config'] = {},
  architecture = 'amd64',
): Promise<Layout> {
  const folder = await tempFolder('image')
  await beginLayout(folder)
  const descriptors = []
  for (const layer of layers) descriptors.push(await writeBlob(folder, MEDIA.gzip, gzipSync(layer, { level: 1 })))
  const rootfs = { type: 'layers' as const, diff_ids: layers.map(sha256) }
  await closeLayout(folder, { architecture, os: 'linux', config, rootfs }, descriptors)
  return openLayout(folder)
}

/** A base image with a shell and its tools (Debian's `busybox-static`), or why there is none.. */
export async function busyboxBase(): Promise<Layout | { missing: string }> {
  if (process.arch !== 'x64') return { missing: `base images are made for linux/amd64, this is ${process.arch}` }
  const unpacked = await debianPackages('busybox-static', ['busybox-static'], 'bin/busybox')
  if ('missing' in unpacked) return unpacked
  const busybox = await readFile(join(unpacked.folder, 'bin/busybox'))
  const tools = ['sh', 'cat', 'echo', 'httpd', 'id', 'ls', 'nc', 'sleep', 'env']
  return imageOf(
    [
      rawTar([
        { path: 'bin/', type: 'Directory' },
        { path: 'bin/busybox', type: 'File', mode: 0o755, body: busybox },
        ...tools.map((tool) => ({ path: `bin/${tool}`, type: 'SymbolicLink' as const, linkpath: '/bin/busybox' })),
        { path: 'tmp/', type: 'Directory', mode: 0o1777 },
        { path: 'etc/', type: 'Directory' },
        { path: 'etc/passwd', type: 'File', body: 'root:x:0:0:root:/:/bin/sh\n' },
      ]),
    ],
    { Env: ['PATH=/bin'] },
  )
}

/** Puts an image into a registry; gives the name that a manifest calls it by as its base. */
export async function pushImage(host: string, name: string, layout: Layout): Promise<string> {
  const { digest } = await openRegistry({ base: `http://${host}` }).push(name, layout)
  return `${host}/${name}@${digest}`
}

/** Files as a build leaves them. */
export async function builtOf(
  files: Record<string, string | { copyOf: string }>,
): Promise<{ path: string; digest: string }> {
  const path = await tempFolder('built')
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    if (typeof content === 'string') await writeFile(join(path, name), content)
    else await copyFile(content.copyOf, join(path, name))
  }
  return { path, digest: sha256(JSON.stringify(files)).slice(7) }
}
