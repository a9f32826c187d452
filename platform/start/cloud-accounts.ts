import { selfStops } from '../../catalog/self-stops.ts'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { readAccountSettings } from '../config.ts'
import type { ConfirmedTerms } from '../store/confirmed-terms.ts'
import { type CredentialState, readCredentials, sandboxCredentials } from './credentials.ts'

export type OpenedAccount = {
  /** Where each credential came from, or why it is not there. */
  given: CredentialState[]
} & (
  | {
      ok: true
      account: CloudAccount
      credentials: Record<string, string>
      /** The variable that says the plan, where the environment does. */
      planSetBy?: string
    }
  | { ok: false; reason: string; hint: string }
)

/**
 * Who is billed at an engine, on which terms, and with which credentials: the sandbox's account, this host itself, or
 * what the environment names. The plan is what the environment says, else what the owner has confirmed; watched meters
 * are fine when either has agreed, or when the plan stops by itself, unless the owner has said no. An engine without an
 * account stays closed, and says what is missing.
 */
export async function openAccountAt(
  engine: Engine,
  sandbox: boolean,
  confirmed: (cloudAccount: string) => Promise<ConfirmedTerms>,
): Promise<OpenedAccount> {
  const { dna } = engine
  const stated = dna.sandbox
  // What needs no credentials is this host, or hosts of the owner's own.
  const own = dna.provider === 'in-process' && dna.credentials.length === 0
  if (stated && (sandbox || own)) {
    const said = await confirmed(stated.cloudAccount)
    const plan = said.plan ?? stated.plan
    const consentWatched =
      said.watched ?? (plan === stated.plan ? stated.consentWatched : selfStops(engine.facts, plan))
    const { states, values } = sandboxCredentials(dna)
    return {
      ok: true,
      given: states,
      account: { id: stated.cloudAccount, engine: dna.code, plan, consentWatched },
      credentials: values,
    }
  }
  if (sandbox) {
    const hint = `state one in engines/${dna.code}/engine.yaml`
    return { ok: false, given: [], reason: 'it has no sandbox account', hint }
  }

  const { states: given, values } = await readCredentials(dna)
  const wrong = given.flatMap(({ problem }) => (problem === undefined ? [] : [problem]))
  const missing = given.filter((one) => one.from === undefined && one.problem === undefined).map((one) => one.name)
  const { account, names, ...set } = readAccountSettings(dna.code)
  const said = account === undefined ? {} : await confirmed(account)
  const plan = set.plan ?? said.plan
  if (account === undefined) missing.push(names.account)
  if (plan === undefined) missing.push(names.plan)
  if (missing.length > 0 || wrong.length > 0 || account === undefined || plan === undefined) {
    const unset = missing.length === 0 ? [] : [`not set: ${missing.join(', ')}`]
    return {
      ok: false,
      given,
      reason: [...wrong, ...unset].join('; '),
      hint: 'set them where the platform is started (or NAME_FILE, with the path of a file), or try it with ./pipi serve --sandbox',
    }
  }
  const agreed = set.consentWatched ?? said.watched ?? selfStops(engine.facts, plan)
  return {
    ok: true,
    given,
    account: { id: account, engine: dna.code, plan, consentWatched: said.watched !== false && agreed },
    credentials: values,
    ...(set.plan === undefined ? {} : { planSetBy: names.plan }),
  }
}
