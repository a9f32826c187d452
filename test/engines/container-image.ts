import { chmod, cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Built } from '../../engines/contract/engine.ts'
import { type Layout, openLayout, sha256 } from '../../engines/parts/image/layout.ts'
import { MEDIA } from '../../engines/parts/image/oci.ts'
import { beginLayout, closeLayout, writeBlob } from '../../engines/parts/image/write-layout.ts'
import { debianPackages } from '../helpers/debian.ts'
import { type RawEntry, rawTar } from '../helpers/images.ts'
import { tempFolder } from '../helpers/temp.ts'
import { built } from './use-cloud.ts'

/** A statically linked busybox, which is all that the images of these tests consist of. */
const BUSYBOX = await debianPackages('busybox-static', ['busybox-static'], 'bin/busybox')
export const NO_BUSYBOX = 'missing' in BUSYBOX ? ` (skipped: ${BUSYBOX.missing})` : ''
const TOOLS = 'sh httpd cat ls id ps dd grep touch sleep tr wc kill'.split(' ')
/** As images name the kind of this machine. */
export const OURS = process.arch === 'x64' ? 'amd64' : process.arch

/** Listens on PORT, with `/app/cgi-bin` as scripts. */
export const SERVES = ['/bin/sh', '-c', 'exec httpd -f -h /app -p 127.0.0.1:$PORT']

/** An image with busybox that runs as `app`, number 1234. `more`: further entries of its layer. */
export async function busyboxImage(
  options: { architecture?: string; cmd?: string[]; more?: RawEntry[] } = {},
): Promise<Layout> {
  if ('missing' in BUSYBOX) throw new Error(BUSYBOX.missing)
  const layer = rawTar([
    { path: 'bin/busybox', type: 'File', mode: 0o755, body: await readFile(join(BUSYBOX.folder, 'bin/busybox')) },
    ...TOOLS.map((tool) => ({ path: `bin/${tool}`, type: 'SymbolicLink' as const, linkpath: 'busybox' })),
    { path: 'etc/passwd', type: 'File', body: 'root:x:0:0::/root:/bin/sh\napp:x:1234:1234::/home/app:/bin/sh\n' },
    { path: 'etc/made-of', type: 'File', body: 'busybox\n' },
    { path: 'home/app/', type: 'Directory' },
    ...(options.more ?? []),
  ])
  const folder = await tempFolder('image')
  await beginLayout(folder)
  const descriptor = await writeBlob(folder, MEDIA.gzip, gzipSync(layer, { level: 1 }))
  const config = {
    User: 'app',
    Env: ['PATH=/bin', 'OF=the image'],
    ...(options.cmd === undefined ? {} : { Cmd: options.cmd }),
  }
  const rootfs = { type: 'layers' as const, diff_ids: [sha256(layer)] }
  await closeLayout(folder, { architecture: options.architecture ?? OURS, os: 'linux', config, rootfs }, [descriptor])
  return openLayout(folder)
}

/** Puts a base image into a store of artifacts, as if it had been fetched before; gives the name that a manifest calls it by. */
export async function storeBase(artifacts: string, layout: Layout, architecture = OURS): Promise<string> {
  const { digest } = layout.manifest
  await cp(layout.path, join(artifacts, 'images', `${digest.slice('sha256:'.length)}-${architecture}`), {
    recursive: true,
  })
  return `registry.example/busybox@${digest}`
}

/** A page, and a script that runs what it is sent. */
export async function webApp(text: string): Promise<Built> {
  const made = await built({
    'index.html': text,
    'cgi-bin/do': '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\nsh 2>&1\n',
  })
  await chmod(join(made.path, 'cgi-bin/do'), 0o755)
  return made
}

/** Runs a script inside, and gives what it says. */
export async function inside(url: string, script: string): Promise<string> {
  const asked = { method: 'POST', body: script, headers: { connection: 'close' } }
  return (await (await fetch(new URL('cgi-bin/do', url), asked)).text()).trim()
}
