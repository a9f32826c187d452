import {
  chmodSync,
  closeSync,
  fchmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** As many links of one path are followed as Linux does. */
const LINKS = 40

/**
 * The files of an image in a folder of the host. Paths are taken apart and followed step by step as the image itself
 * would see them, with the folder as its root: no link, absolute or not, leads anything out of it. Nothing else may
 * write there meanwhile. Everything belongs to who unpacks, without set-uid.
 *
 * An image is thousands of small files, and each of these calls is shorter than its way to another thread and back: they
 * are made at once, and others have their turn with every piece of the archive that arrives.
 */
export class Rootfs {
  readonly #root: string
  readonly #made: () => void
  /** Folders by the path that they were asked for. */
  readonly #found = new Map<string, string>()
  /** What the present layer has put down, with all above it: its whiteouts hide only what lies below. */
  #written = new Set<string>()
  /** Folders where nothing of lower layers is any more, so that no entry makes us look through them twice. */
  #emptied = new Set<string>()

  /** `made` hears of each folder that no entry names, before there is one, and may throw. */
  constructor(root: string, made: () => void) {
    this.#root = root
    this.#made = made
  }

  beginLayer(): void {
    this.#written = new Set()
    this.#emptied = new Set()
  }

  async folder(parts: readonly string[], mode: number): Promise<void> {
    const path = this.#place(parts)
    if (!isFolder(path)) {
      await this.#clear(path)
      mkdirSync(path)
    }
    chmodSync(path, (mode & 0o1777) | 0o700)
    this.#wrote(path)
  }

  async file(parts: readonly string[], mode: number, body: AsyncIterable<Buffer>): Promise<void> {
    const path = this.#place(parts)
    await this.#clear(path)
    // Never over or through something that is there.
    const target = openSync(path, 'wx', 0o600)
    try {
      for await (const chunk of body) writeAll(target, chunk)
      fchmodSync(target, (mode & 0o777) | 0o600)
    } finally {
      closeSync(target)
    }
    this.#wrote(path)
  }

  async symlink(parts: readonly string[], text: string): Promise<void> {
    const path = this.#place(parts)
    await this.#clear(path)
    symlinkSync(text, path)
    this.#found.clear()
    this.#wrote(path)
  }

  /** A second name of a file that is there. */
  async hardlink(parts: readonly string[], of: readonly string[]): Promise<void> {
    const target = this.#place(of)
    const status = statusOf(target)
    if (status === undefined || status.isDirectory()) throw new Error(`/${of.join('/')} is no file to link to`)
    const path = this.#place(parts)
    if (path === target) return
    await this.#clear(path)
    // A link to a link is one more link: it is not followed.
    linkSync(target, path)
    if (status.isSymbolicLink()) this.#found.clear()
    this.#wrote(path)
  }

  /** What lower layers have there is gone. */
  async hide(parts: readonly string[]): Promise<void> {
    const path = this.#place(parts)
    if (!this.#written.has(path)) await this.#clear(path)
    else if (isFolder(path)) await this.#empty(path)
  }

  /** What lower layers have in the folder is gone. */
  async hideAll(parts: readonly string[]): Promise<void> {
    await this.#empty(this.#follow(parts))
  }

  async #empty(folder: string): Promise<void> {
    if (this.#emptied.has(folder)) return
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (!this.#written.has(path)) await this.#clear(path)
      else if (entry.isDirectory()) await this.#empty(path)
    }
    this.#emptied.add(folder)
  }

  /** Where something of this name lies: in a real folder inside; itself it is not followed. */
  #place(parts: readonly string[]): string {
    return join(this.#follow(parts.slice(0, -1)), parts.at(-1) as string)
  }

  /** The real folder of a path; what is missing of it is made. */
  #follow(parts: readonly string[]): string {
    const asked = parts.join('/')
    const known = this.#found.get(asked)
    if (known !== undefined) return known
    let at: string[] = []
    let links = 0
    const rest = [...parts]
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        // Of a link: above the root there is the root.
        at.pop()
        continue
      }
      const path = join(this.#root, ...at, part)
      const status = statusOf(path)
      if (status === undefined) {
        this.#made()
        mkdirSync(path)
      }
      if (status === undefined || status.isDirectory()) {
        at.push(part)
      } else if (status.isSymbolicLink()) {
        links += 1
        if (links > LINKS) throw new Error(`/${asked} leads through more than ${LINKS} links`)
        const text = readlinkSync(path)
        if (text.startsWith('/')) at = []
        rest.unshift(...text.split('/'))
      } else {
        throw new Error(`/${asked} leads through a file`)
      }
    }
    const folder = join(this.#root, ...at)
    this.#found.set(asked, folder)
    return folder
  }

  async #clear(path: string): Promise<void> {
    const status = statusOf(path)
    if (status === undefined) return
    if (!status.isFile()) this.#found.clear()
    if (status.isDirectory()) await rm(path, { recursive: true, force: true })
    else unlinkSync(path)
  }

  #wrote(path: string): void {
    for (let at = path; at.length > this.#root.length && !this.#written.has(at); at = join(at, '..'))
      this.#written.add(at)
  }
}

function isFolder(path: string): boolean {
  return statusOf(path)?.isDirectory() ?? false
}

/** Of the thing itself, not of what a link points to. Undefined: there is none, or no way to it. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
