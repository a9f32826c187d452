import { createHash } from 'node:crypto'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import { REGIONS } from './regions.ts'
import { assumedBy } from './web-identity.ts'

/** The account that the sandbox's owner has; other keys lead to accounts of their own. */
const OWNER = { key: 'AKIAIOSFODNN7EXAMPLE', account: '412908557311' }

/** A key of the user that the guard rails make in the owner's account, for those who gave it to the engine. */
const ENGINE = { key: 'AKIAPIPIENGINEUSER01', user: 'pipi-engine' }

/** Whose keys these are, as STS would say. */
export function identify(configuration: Json): { cloudAccount: string; region: string; user?: string } {
  const key = configuration.accessKey
  const region = configuration.region
  if (typeof key !== 'string' || key === '' || typeof configuration.secretKey !== 'string') {
    throw new Error(
      'No valid credential sources found. Please see https://registry.terraform.io/providers/hashicorp/aws for more information about providing credentials.',
    )
  }
  if (!/^(AKIA|ASIA)[A-Z0-9]{16}$/.test(key)) {
    throw new Error(
      'validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, api error InvalidClientTokenId: The security token included in the request is invalid.',
    )
  }
  if (typeof region !== 'string' || region === '') throw new Error('Missing region configuration')
  if (!REGIONS.has(region)) throw new Error(`invalid AWS Region: ${region}`)
  const assumed = assumedBy(configuration.token)
  if (assumed !== undefined) return { cloudAccount: assumed.account, region }
  if (key === ENGINE.key) return { cloudAccount: OWNER.account, region, user: ENGINE.user }
  return { cloudAccount: key === OWNER.key ? OWNER.account : accountOf(key), region }
}

function accountOf(key: string): string {
  const number = BigInt(`0x${createHash('sha256').update(key).digest('hex').slice(0, 12)}`) % 900_000_000_000n
  return String(number + 100_000_000_000n)
}
