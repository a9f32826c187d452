import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { readAccountSettings, readVariables } from '../config.ts'

export type OpenedAccount =
  | { ok: true; account: CloudAccount; credentials: Record<string, string> }
  | { ok: false; reason: string; hint: string }

/**
 * Who is billed at an engine, and with which credentials: the sandbox's account, this host itself, or what the
 * environment names. An engine without them stays closed, and says what is missing.
 */
export function openAccountAt(engine: Engine, sandbox: boolean): OpenedAccount {
  const { dna } = engine
  const stated = dna.sandbox
  if (stated && (sandbox || dna.provider === 'in-process')) {
    return {
      ok: true,
      account: { id: stated.cloudAccount, engine: dna.code, plan: stated.plan, consentWatched: stated.consentWatched },
      credentials: Object.fromEntries(dna.credentials.map((one) => [one.config, one.sandbox])),
    }
  }
  if (sandbox)
    return { ok: false, reason: 'it has no sandbox account', hint: `state one in engines/${dna.code}/engine.yaml` }

  const given = readVariables(dna.credentials.map((one) => one.env))
  const missing = dna.credentials.filter((one) => given[one.env] === undefined).map((one) => one.env)
  const { account, plan, consentWatched, names } = readAccountSettings(dna.code)
  if (account === undefined) missing.push(names.account)
  if (plan === undefined) missing.push(names.plan)
  if (missing.length > 0 || account === undefined || plan === undefined) {
    return {
      ok: false,
      reason: `not set: ${missing.join(', ')}`,
      hint: 'set them where the platform is started, or try it with ./pipi serve --sandbox',
    }
  }
  return {
    ok: true,
    account: { id: account, engine: dna.code, plan, consentWatched },
    credentials: Object.fromEntries(dna.credentials.map((one) => [one.config, given[one.env] as string])),
  }
}
