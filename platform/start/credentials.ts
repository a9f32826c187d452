import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { EngineDna } from '../../engines/contract/engine.ts'
import { readVariables } from '../config.ts'

/** One thing that an engine needs to be let in at its platform, and where it came from; never its value. */
export interface CredentialState {
  /** The variable that holds it, or with `_FILE` behind it the path of a file that does. */
  name: string
  secret: boolean
  /** Missing: it is not there, or cannot be used. */
  from?: 'environment' | 'file' | 'sandbox'
  /** Why what was given cannot be used. */
  problem?: string
}

export interface Credentials {
  states: CredentialState[]
  /** By provider configuration key: what is there. */
  values: Record<string, string>
}

/** A key in PEM or JSON is some kB. */
const MOST_BYTES = 64 * 1024

/**
 * What the environment gives of an engine's credentials: each in its own variable, or in a file that the variable with
 * `_FILE` behind it names, which nobody but its owner may read. A rotated file is read at the next start.
 */
export async function readCredentials(
  { credentials }: Pick<EngineDna, 'credentials'>,
  variables: (names: readonly string[]) => Record<string, string> = readVariables,
): Promise<Credentials> {
  const given = variables(credentials.flatMap(({ env }) => [env, `${env}_FILE`]))
  const values: Record<string, string> = {}
  const states: CredentialState[] = []
  for (const { config, env: name, secret } of credentials) {
    const [value, file] = [given[name], given[`${name}_FILE`]]
    if (value !== undefined && file !== undefined) {
      states.push({ name, secret, problem: `both ${name} and ${name}_FILE are set: unset one of them` })
    } else if (value !== undefined) {
      values[config] = value
      states.push({ name, secret, from: 'environment' })
    } else if (file !== undefined) {
      const read = await readPrivateFile(file)
      if ('problem' in read) states.push({ name, secret, problem: `${name}_FILE: ${read.problem}` })
      else {
        values[config] = read.text
        states.push({ name, secret, from: 'file' })
      }
    } else states.push({ name, secret })
  }
  return { states, values }
}

/** The sandbox's own, which are nobody's. */
export function sandboxCredentials({ credentials }: Pick<EngineDna, 'credentials'>): Credentials {
  return {
    states: credentials.map(({ env, secret }) => ({ name: env, secret, from: 'sandbox' })),
    values: Object.fromEntries(credentials.map((one) => [one.config, one.sandbox])),
  }
}

/** Looked at and read through one handle, so that nobody can put another file in its place in between. */
async function readPrivateFile(path: string): Promise<{ text: string } | { problem: string }> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return { problem: `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` }
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return { problem: `${path} is no file` }
    if ((stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
      return { problem: `${path} has the mode ${mode}, so that others may read it: chmod 600 ${path}` }
    }
    if (stat.size > MOST_BYTES) return { problem: `${path} has ${stat.size} bytes, more than ${MOST_BYTES}` }
    const text = (await file.readFile('utf8')).trim()
    return text === '' ? { problem: `${path} is empty` } : { text }
  } finally {
    await file.close()
  }
}
