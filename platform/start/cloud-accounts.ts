import { selfStops } from '../../catalog/self-stops.ts'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { readAccountSettings, readVariables } from '../config.ts'
import type { ConfirmedTerms } from '../store/confirmed-terms.ts'
import {
  type CredentialOrigin,
  type Credentials,
  readCredentials,
  sandboxCredentials,
  type Variables,
} from './credentials.ts'

export type OpenedAccount = {
  /** Which way it is let in, where each credential came from, or why it is not there. */
  given: Credentials
} & (
  | {
      ok: true
      account: CloudAccount
      /** The variable that says the plan, where the environment does. */
      planSetBy?: string
    }
  | {
      ok: false
      reason: string
      hint: string
      /** It will be there again by itself: a short-lived token's file at its rotation. */
      passing?: true
    }
)

/** A set of credentials with the words that go with it, by the names that the environment has for them. */
export interface GivenSet {
  variables: Variables
  from: CredentialOrigin
  /** How to mend it. */
  hint: string
}

const ENVIRONMENT: GivenSet = {
  variables: readVariables,
  from: 'environment',
  hint: 'set them where the platform is started (or NAME_FILE, with the path of a file), or try it with ./pipi serve --sandbox',
}

/**
 * Who is billed at an engine, on which terms, and with which credentials: the sandbox's account, this host itself, or
 * what the environment names. The plan is what the environment says, else what the owner has confirmed; watched meters
 * are fine when either has agreed, or when the plan stops by itself, unless the owner has said no. An engine without an
 * account stays closed, and says what is missing.
 * @param confirmed what its owner has confirmed of a cloud account
 * @param own an account's own set, in place of the environment and of the sandbox's
 */
export async function openAccountAt(
  engine: Engine,
  sandbox: boolean,
  confirmed: (cloudAccount: string) => Promise<ConfirmedTerms>,
  own?: GivenSet,
): Promise<OpenedAccount> {
  const { dna } = engine
  const stated = dna.sandbox
  // What needs no credentials is this host, or hosts of the owner's own.
  const ownHosts = dna.provider === 'in-process' && dna.credentials.length === 0
  if (stated && own === undefined && (sandbox || ownHosts)) {
    const said = await confirmed(stated.cloudAccount)
    const plan = said.plan ?? stated.plan
    const consentWatched =
      said.watched ?? (plan === stated.plan ? stated.consentWatched : selfStops(engine.facts, plan))
    return {
      ok: true,
      given: sandboxCredentials(dna),
      account: { id: stated.cloudAccount, engine: dna.code, plan, consentWatched },
    }
  }
  if (sandbox && own === undefined) {
    const hint = `state one in engines/${dna.code}/engine.yaml`
    return { ok: false, given: sandboxCredentials({ credentials: [] }), reason: 'it has no sandbox account', hint }
  }

  const { variables, from, hint } = own ?? ENVIRONMENT
  const given = await readCredentials(dna, variables, from)
  const set = readAccountSettings(dna.code, variables)
  const wrong = [...given.states.map((one) => one.problem), given.problem].filter((one) => one !== undefined)
  const missing = given.states
    .filter((one) => one.from === undefined && one.problem === undefined)
    .map((one) => one.name)
  const { account, names } = set
  const said = account === undefined ? {} : await confirmed(account)
  const plan = set.plan ?? said.plan
  if (account === undefined) missing.push(names.account)
  if (plan === undefined) missing.push(names.plan)
  else if (!engine.facts.plans.some(({ id }) => id === plan)) {
    wrong.push(`${names.plan} is "${plan}", which is no plan of ${dna.name}: it has ${plansOf(engine)}`)
  }
  if (missing.length > 0 || wrong.length > 0 || account === undefined || plan === undefined) {
    const unset = missing.length === 0 ? [] : [`not set: ${missing.join(', ')}`]
    const other = given.way === undefined && given.problem === undefined ? given.others : []
    const instead = other.map(({ name, needs }) => `; in place of keys, "${name}" takes ${needs.join(', ')}`).join('')
    const ofFiles = given.states.filter((one) => one.problem !== undefined).length
    const passing = given.passing === true && missing.length === 0 && wrong.length === ofFiles
    const reason = [...wrong, ...unset].join('; ')
    return { ok: false, given, reason, hint: `${hint}${instead}`, ...(passing ? { passing } : {}) }
  }
  const agreed = set.consentWatched ?? said.watched ?? selfStops(engine.facts, plan)
  return {
    ok: true,
    given,
    account: { id: account, engine: dna.code, plan, consentWatched: said.watched !== false && agreed },
    ...(set.plan === undefined ? {} : { planSetBy: names.plan }),
  }
}

function plansOf({ facts }: Engine): string {
  return facts.plans.map(({ id }) => id).join(', ')
}
