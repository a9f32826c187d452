import { createHash } from 'node:crypto'
import type { Json } from '../../../stacks/contract/sandbox.ts'

/** The token of the sandbox's owner and his team; other tokens lead to teams of their own. */
const OWNER = { token: `dop_v1_${'0'.repeat(64)}`, team: '5b1f2c3e-7d44-4a0e-9c51-2f6c1b7a9e10' }

/** Whose token this is. */
export function identify(configuration: Json): { cloudAccount: string; region: string } {
  const { token } = configuration
  if (typeof token !== 'string' || !/^dop_v1_[0-9a-f]{64}$/.test(token)) {
    throw new Error('GET https://api.digitalocean.com/v2/account: 401 Unable to authenticate you')
  }
  return { cloudAccount: token === OWNER.token ? OWNER.team : teamOf(token), region: '' }
}

function teamOf(token: string): string {
  return uuidOf(createHash('sha256').update(token).digest('hex'))
}

/** 32 hex digits as DigitalOcean writes ids. */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
