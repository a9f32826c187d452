import { selfStops } from '../../catalog/self-stops.ts'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { readAccountSettings, readVariables } from '../config.ts'
import type { ConfirmedTerms } from '../store/confirmed-terms.ts'

export type OpenedAccount =
  | {
      ok: true
      account: CloudAccount
      credentials: Record<string, string>
      /** The variable that says the plan, where the environment does. */
      planSetBy?: string
    }
  | { ok: false; reason: string; hint: string }

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
  if (stated && (sandbox || dna.provider === 'in-process')) {
    const said = await confirmed(stated.cloudAccount)
    const plan = said.plan ?? stated.plan
    const consentWatched =
      said.watched ?? (plan === stated.plan ? stated.consentWatched : selfStops(engine.facts, plan))
    return {
      ok: true,
      account: { id: stated.cloudAccount, engine: dna.code, plan, consentWatched },
      credentials: Object.fromEntries(dna.credentials.map((one) => [one.config, one.sandbox])),
    }
  }
  if (sandbox)
    return { ok: false, reason: 'it has no sandbox account', hint: `state one in engines/${dna.code}/engine.yaml` }

  const given = readVariables(dna.credentials.map((one) => one.env))
  const missing = dna.credentials.filter((one) => given[one.env] === undefined).map((one) => one.env)
  const { account, names, ...set } = readAccountSettings(dna.code)
  const said = account === undefined ? {} : await confirmed(account)
  const plan = set.plan ?? said.plan
  if (account === undefined) missing.push(names.account)
  if (plan === undefined) missing.push(names.plan)
  if (missing.length > 0 || account === undefined || plan === undefined) {
    return {
      ok: false,
      reason: `not set: ${missing.join(', ')}`,
      hint: 'set them where the platform is started, or try it with ./pipi serve --sandbox',
    }
  }
  const agreed = set.consentWatched ?? said.watched ?? selfStops(engine.facts, plan)
  return {
    ok: true,
    account: { id: account, engine: dna.code, plan, consentWatched: said.watched !== false && agreed },
    credentials: Object.fromEntries(dna.credentials.map((one) => [one.config, given[one.env] as string])),
    ...(set.plan === undefined ? {} : { planSetBy: names.plan }),
  }
}
