import { type EngineDna, type Way, waysOf } from '../../engines/contract/engine.ts'
import { readPrivateFile } from './private-file.ts'

/** Where a credential came from: `kept` are those that were set through the API and lie sealed in the database. */
export type CredentialOrigin = 'environment' | 'file' | 'kept' | 'sandbox'

/** One thing that an engine needs to be let in at its platform, and where it came from; never its value. */
export interface CredentialState {
  /** The variable that holds it, or with `_FILE` behind it the path of a file that does. */
  name: string
  secret: boolean
  /** Missing: it is not there, or cannot be used. */
  from?: CredentialOrigin
  /** Why what was given cannot be used. */
  problem?: string
}

export interface Credentials {
  /** The one way that is complete; missing: none is, or more than one. */
  way?: string
  /** Of that way, else of the one that most is there of. */
  states: CredentialState[]
  /** By provider configuration key: of that way. */
  values: Record<string, string>
  /** Keys of those that live for minutes only, each time with another value. */
  fleeting: string[]
  /** Other ways than the one of `states`, and the variables of each. */
  others: { name: string; needs: string[] }[]
  /** Why more than one way is there. */
  problem?: string
  /** Nothing is missing but a file that is written anew every few minutes: it will be there again. */
  passing?: true
}

/** Some names' values, of the environment or of what stands for it. */
export type Variables = (names: readonly string[]) => Record<string, string>

type Dna = Pick<EngineDna, 'credentials'> & { ways?: EngineDna['ways'] }

/**
 * What there is of an engine's credentials: each in its own variable, or in a file that the variable with `_FILE` behind
 * it names, which nobody but its owner may read. Exactly one of the engine's ways has to be complete. Files are read
 * anew at each call.
 */
export async function readCredentials(
  dna: Dna,
  variables: Variables,
  from: CredentialOrigin = 'environment',
): Promise<Credentials> {
  const read = await Promise.all(waysOf(dna).map((way) => readWay(way, variables, from)))
  const complete = read.filter((one) => one.states.every((state) => state.from !== undefined))
  const [best] = complete.length > 0 ? complete : [...read].sort((a, b) => b.begun - a.begun)
  if (best === undefined) return { states: [], values: {}, fleeting: [], others: [] }
  const others = read
    .filter((one) => one !== best)
    .map(({ way }) => ({ name: way.name, needs: way.credentials.map(({ env }) => env) }))
  const { way, states, values } = best
  const fleeting = way.credentials.filter((one) => one.fleeting === true).map((one) => one.config)
  if (complete.length === 1) return { way: way.name, states, values, fleeting, others }
  if (complete.length === 0) return { states, values: {}, fleeting, others, ...(best.passing ? { passing: true } : {}) }
  const names = complete.map((one) => `"${one.way.name}" (${one.way.credentials.map(({ env }) => env).join(', ')})`)
  return { states, values: {}, fleeting, others, problem: `${names.join(' and ')} are both there: unset one of them` }
}

async function readWay(way: Way, variables: Variables, from: CredentialOrigin) {
  const given = variables(way.credentials.flatMap(({ env }) => [env, `${env}_FILE`]))
  const values: Record<string, string> = {}
  const states: CredentialState[] = []
  let passing = 0
  for (const { config, env: name, secret, fleeting = false } of way.credentials) {
    const [value, file] = [given[name], given[`${name}_FILE`]]
    if (value !== undefined && file !== undefined) {
      states.push({ name, secret, problem: `both ${name} and ${name}_FILE are set: unset one of them` })
    } else if (value !== undefined) {
      values[config] = value
      states.push({ name, secret, from })
    } else if (file !== undefined) {
      const read = await readPrivateFile(file, { fleeting })
      if ('problem' in read) {
        states.push({ name, secret, problem: `${name}_FILE: ${read.problem}` })
        if (fleeting) passing += 1
      } else {
        values[config] = read.text
        states.push({ name, secret, from: 'file' })
      }
    } else states.push({ name, secret })
  }
  const begun = states.filter((state) => state.from !== undefined || state.problem !== undefined).length
  const lacking = states.filter((state) => state.from === undefined).length
  return { way, states, values, begun, passing: passing > 0 && passing === lacking }
}

/** The sandbox's own, which are nobody's. */
export function sandboxCredentials({ credentials }: Pick<EngineDna, 'credentials'>): Credentials {
  return {
    ...(credentials.length === 0 ? {} : { way: 'keys' }),
    states: credentials.map(({ env, secret }) => ({ name: env, secret, from: 'sandbox' })),
    values: Object.fromEntries(credentials.map((one) => [one.config, one.sandbox])),
    fleeting: [],
    others: [],
  }
}
