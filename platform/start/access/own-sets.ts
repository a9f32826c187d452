import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { openKeptCredentials } from '../../store/kept-credentials.ts'
import type { Queryable } from '../../store/open.ts'
import { readVariables } from '../../variable-lines.ts'
import type { GivenSet } from '../cloud-accounts.ts'
import { readPrivateFile } from '../private-file.ts'

/** What an account has of its own for one engine, or why that cannot be used. */
export type OwnSet = GivenSet | { problem: string; hint: string }

/** An account's name as that of a folder: never a way out of the one above it. */
const FOLDER = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

/**
 * The sets of credentials that an account has of its own, by engine: those that were set through the API, else the files
 * `<folder>/<account's name>/<engine>.env`, lines of NAME=value with the names of the environment. Read anew at each
 * call; what cannot be used is there and says why, so that nobody takes another one for it. Of a folder that cannot be
 * looked into nobody knows for which of the engines it has some.
 */
export async function ownSets(
  on: Queryable,
  masterKey: Uint8Array,
  account: { id: string; name: string },
  folder: string,
  engines: readonly string[],
): Promise<Map<string, OwnSet>> {
  const sets = new Map<string, OwnSet>()
  const files = await filesOf(folder, account.name)
  if ('problem' in files) for (const engine of engines) sets.set(engine, files)
  else for (const file of files) sets.set(file.engine, await readSet(file))
  for (const [engine, values] of await openKeptCredentials(on, masterKey, account.id)) {
    const hint = `./pipi account credentials set ${engine}`
    sets.set(
      engine,
      values instanceof PipiError ? { problem: values.message, hint } : { variables: pick(values), from: 'kept', hint },
    )
  }
  return sets
}

type Unusable = Extract<OwnSet, { problem: string }>

async function filesOf(folder: string, name: string): Promise<{ engine: string; path: string }[] | Unusable> {
  if (!FOLDER.test(name)) return []
  try {
    const names = await readdir(join(folder, name))
    return names
      .filter((file) => /^[a-z]{3}\.env$/.test(file))
      .map((file) => ({ engine: file.slice(0, 3), path: join(folder, name, file) }))
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR'].includes(code)) return []
    const path = join(folder, name)
    return { problem: `${path} cannot be looked into (${code})`, hint: `let the platform read ${path}` }
  }
}

async function readSet({ path }: { path: string }): Promise<OwnSet> {
  const read = await readPrivateFile(path)
  const hint = `mend ${path}: lines of NAME=value`
  if ('problem' in read) return { problem: read.problem, hint }
  const values = valuesOf(read.text)
  if (values instanceof PipiError) return { problem: `${path}: ${values.message}`, hint: values.hint ?? hint }
  // A file that it names lies beside it, where it does not say otherwise.
  for (const [name, value] of Object.entries(values)) {
    if (name.endsWith('_FILE')) values[name] = resolve(dirname(path), value)
  }
  return { variables: pick(values), from: 'file', hint }
}

function valuesOf(text: string): Record<string, string> | PipiError {
  try {
    return readVariables(text)
  } catch (error) {
    if (error instanceof PipiError) return error
    throw error
  }
}

/** As of the environment: an empty one is none. */
function pick(values: Readonly<Record<string, string>>): GivenSet['variables'] {
  return (names) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = values[name]
        return value === undefined || value === '' ? [] : [[name, value] as const]
      }),
    )
}
