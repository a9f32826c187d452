import { createHash } from 'node:crypto'

/** The key of the sandbox's owner and his account; other keys lead to accounts of their own. */
const OWNER = { apikey: `sandbox-${'0'.repeat(37)}`, account: '6d1f0a4b8c2e4f7a9b3d5e6c7f8a1b2c' }
/** 44 of these characters, as IAM writes keys; the sandbox's own say what they are. */
const KEY = /^[A-Za-z0-9_-]{44,45}$/
/** Of a key that the resource controller made: whose instance it is for. */
const MADE = /^s-([0-9a-f]{32})-[0-9a-f]{10}$/

/** The account of an API key, or undefined for what is none. */
export function accountOf(apikey: unknown): string | undefined {
  if (typeof apikey !== 'string' || !KEY.test(apikey)) return undefined
  const [, made] = MADE.exec(apikey) ?? []
  if (made !== undefined) return made
  return apikey === OWNER.apikey ? OWNER.account : createHash('sha256').update(apikey).digest('hex').slice(0, 32)
}

/** 32 hex digits as IBM writes ids. */
export function guidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
