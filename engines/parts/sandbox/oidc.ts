/** Who hands out identity tokens that the simulated platforms trust, as an owner would have set it up there. */
export const TRUSTED_ISSUER = 'https://oidc.pipi-sandbox.example'

/**
 * Looks at an identity token as a platform does that was told to trust one issuer: its form, who made it, for whom and
 * until when. What it is signed with is not looked at: the sandbox knows nobody's keys. `problem` says what is wrong.
 */
export function identityIn(token: unknown, audience: string): { subject: string } | { problem: string } {
  const parts = typeof token === 'string' ? token.split('.') : []
  const [head, claims] = parts.slice(0, 2).map(decoded)
  if (parts.length !== 3 || parts.some((part) => part === '') || typeof head?.alg !== 'string' || head.alg === 'none')
    return { problem: 'the token is no signed JWT' }
  if (claims?.iss !== TRUSTED_ISSUER) return { problem: `the issuer ${String(claims?.iss)} is not trusted` }
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audiences.includes(audience)) return { problem: `the token is for ${audiences.join(', ')}, not for ${audience}` }
  // By the real clock, as whoever makes tokens has it; the sandbox's own may be months ahead.
  if (!(Number(claims.exp) * 1000 > Date.now())) return { problem: 'the token has expired' }
  return typeof claims.sub === 'string' && claims.sub !== ''
    ? { subject: claims.sub }
    : { problem: 'the token names no subject' }
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    // Nonsense: the caller says what is wrong with it.
    return undefined
  }
}
