import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * An id that sorts by time and is a legal stack name: the letter, 10 characters of milliseconds, 10 of chance (50
 * bits). `w` workspace, `d` deployment, `i` intent, `t` token, `a` account, `p` proposal, `c` credit.
 */
export function newId(letter: 'w' | 'd' | 'i' | 't' | 'a' | 'p' | 'c', now = Date.now()): string {
  let time = ''
  for (let rest = now, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time
  const chance = [...randomBytes(10)].map((byte) => ALPHABET[byte % 32]).join('')
  return letter + time + chance
}
