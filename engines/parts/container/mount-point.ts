import { chmod, lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { openFolder } from '../build/clear-folder.ts'

/** What every container has of the machine's, mounted over the image. */
const FOLDERS = ['/dev', '/proc', '/tmp', '/etc']
const FILES = ['/etc/resolv.conf', '/etc/hosts']

/** Makes an unpacked image ready to be entered: what is mounted over it finds its place, and its owner may do all with it. */
export async function prepareRoot(rootfs: string, at: string): Promise<void> {
  await openFolder(rootfs)
  for (const folder of FOLDERS) await mountPoint(rootfs, folder)
  for (const path of FILES) {
    const file = join(rootfs, path)
    if ((await lstat(file).catch(() => undefined))?.isFile()) continue
    await rm(file, { recursive: true, force: true })
    await writeFile(file, '', { flag: 'wx', mode: 0o644 })
  }
  await workFolder(rootfs, at)
}

/**
 * A folder of an image that something is mounted over, made where it is missing. Throws `build.failed` where a link of the
 * image's stands in its way: it would lead to a folder of this machine.
 */
export async function mountPoint(rootfs: string, path: string): Promise<void> {
  let folder = rootfs
  for (const part of path.split('/').filter((each) => each !== '')) {
    folder = join(folder, part)
    const status = await lstat(folder).catch(() => undefined)
    if (status?.isDirectory()) continue
    if (status === undefined) await makeFolder(folder)
    else {
      throw new PipiError('build.failed', `the image has ${folder.slice(rootfs.length)} as a link or a file`, {
        hint: `It has to be a folder, or missing: ${path} of the machine is mounted there. Take another base image.`,
      })
    }
  }
}

/** Of folders that are seen as they are, each at its own path. `temporary`: what is mounted at /tmp, over all below it. */
export async function mountPoints(rootfs: string, temporary: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path.startsWith('/tmp/')) await mountPoint(temporary, path.slice('/tmp'.length))
    else await mountPoint(rootfs, path)
  }
}

/** Where the program starts: made where it is missing; behind a link of the image's it is the image's own matter. */
async function workFolder(rootfs: string, at: string): Promise<void> {
  let folder = rootfs
  for (const part of at.split('/').filter((each) => each !== '' && each !== '.' && each !== '..')) {
    folder = join(folder, part)
    const status = await lstat(folder).catch(() => undefined)
    if (status === undefined) await makeFolder(folder)
    else if (!status.isDirectory()) return
  }
}

/** For whoever runs inside, whatever our own mask is. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path)
  await chmod(path, 0o755)
}
