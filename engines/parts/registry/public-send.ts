import { publicAddress } from '../source/public-address.ts'
import type { Send } from './client.ts'

/**
 * Asks public hosts only, at each step of a redirect too: what people write into a manifest must not reach inside.
 * Throws `source.unreachable`.
 */
export const publicSend: Send = async (url, request) => {
  await publicAddress(new URL(url).hostname)
  return fetch(url, request)
}
