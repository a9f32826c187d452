import { randomBytes } from 'node:crypto'
import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What one test file's processes and folders are known by. */
export interface Tag {
  /** Occurs in the environment (`PIPI_TEST_RUN`) or in a path of everything the file starts. */
  name: string
  /** The only folder the file's temporary folders lie in. */
  folder: string
}

/** Gives this process a tag of its own, inherited by what it starts, and a temporary folder that carries it. */
export function openTag(): Tag {
  const name = `pipi-test-${randomBytes(4).toString('hex')}`
  const folder = join(realpathSync(process.env.PIPI_TEST_TMP ?? tmpdir()), name)
  mkdirSync(folder, { mode: 0o711 })
  process.env.PIPI_TEST_TMP ??= tmpdir()
  process.env.PIPI_TEST_RUN = name
  process.env.TMPDIR = folder
  return { name, folder }
}

/** Removes the folder with all that lies in it. */
export function closeTag(tag: Tag): void {
  rmSync(tag.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

/** The tag of the test file that runs now. */
export function currentTag(): string {
  const name = process.env.PIPI_TEST_RUN
  if (name === undefined) throw new Error('no PIPI_TEST_RUN: test/helpers/setup.ts has not run in this process')
  return name
}
