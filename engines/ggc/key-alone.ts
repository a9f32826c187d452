import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'

/** Where Google gives tokens for keys: as it writes into them today, and as it did before. */
const TOKENS = ['https://oauth2.googleapis.com/token', 'https://accounts.google.com/o/oauth2/token'] as const
const UNIVERSE = 'googleapis.com'

const keySchema = z.object({
  type: z.literal('service_account'),
  project_id: z.string().optional(),
  private_key_id: z.string().optional(),
  private_key: z.string().optional(),
  client_email: z.string().optional(),
  client_id: z.string().optional(),
  token_uri: z.string().optional(),
  universe_domain: z.string().optional(),
})

/**
 * A service account's key, written anew of what makes it one: a provider plugin follows every other word of such a
 * document, on our host, and the document may be somebody else's. Throws `input.invalid`, and never with its text, for one
 * that says where else to look for a token or what to run for one, and for one whose tokens or API are not Google's.
 */
export function keyAlone(text: string): string {
  const { data: key } = keySchema.safeParse(parsed(text))
  if (key === undefined) {
    throw new PipiError('input.invalid', 'GOOGLE_CREDENTIALS is not the key of a service account', {
      hint: 'give the JSON of such a key, or in its place GOOGLE_WORKLOAD_IDENTITY_PROVIDER, GOOGLE_SERVICE_ACCOUNT and GOOGLE_OIDC_TOKEN',
    })
  }
  const { token_uri = TOKENS[0], universe_domain = UNIVERSE } = key
  requireOneOf('token_uri', TOKENS, token_uri)
  requireOneOf('universe_domain', [UNIVERSE], universe_domain)
  return JSON.stringify({ ...key, token_uri, universe_domain })
}

function requireOneOf(name: string, allowed: readonly string[], got: string): void {
  if (allowed.includes(got)) return
  throw new PipiError(
    'input.invalid',
    `"${name}" of GOOGLE_CREDENTIALS: expected ${allowed.join(' or ')}, got another`,
    {
      hint: 'give the JSON of the key as Google made it',
    },
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Said by the caller, without a word of what may be a secret.
    return undefined
  }
}
