import type { Engine } from '../../../engines/contract/engine.ts'
import type { Claim } from '../../store/claims.ts'

/** Why an account's own credentials are not used; undefined: they are, or will be once the platform was asked. */
export function whyNot(
  { dna, watch }: Engine,
  claim: Claim | undefined,
  linked: boolean,
): { reason: string; hint: string } | undefined {
  const id = claim?.cloudAccount ?? ''
  const hint = `./pipi account check ${dna.code}`
  if (watch.check === undefined)
    return {
      reason: `${dna.name} cannot be asked whose credentials these are`,
      hint: 'only the platform’s own are used there',
    }
  if (claim?.armed === false) {
    const wrong = claim.findings.find((one) => !one.ok && one.guard !== true)
    return { reason: wrong?.why ?? `the credentials are not confirmed to be of ${id}`, hint: wrong?.hint ?? hint }
  }
  if (claim?.armed === true) return undefined
  if (claim?.error !== undefined)
    return { reason: `it could not be confirmed that the credentials are of ${id}: ${claim.error.message}`, hint }
  if (linked) return undefined
  return { reason: `${dna.name} has not confirmed yet that the credentials are of ${id}`, hint }
}

/** The platform said that the credentials are not of that cloud account, or are none. */
export function disowned(claim: Claim): boolean {
  return claim.findings.some(({ what, ok }) => !ok && (what === 'account' || what === 'keys'))
}
