import { Asset, Secret, type Values } from '../wire/values.ts'

/**
 * Marks what repeats a secret: an output under the name of a secret input, and any text that holds the text of a
 * secret input (a connection string with its password). Providers then cannot forget it.
 */
export function keepSecrets(outputs: Values, inputs: Values): Values {
  const texts = secretTexts(inputs, false)
  const marked: Values = {}
  for (const [key, value] of Object.entries(outputs)) marked[key] = mark(value, inputs[key], texts)
  return marked
}

/** A message without the secrets of the inputs that it may quote, as they are or as JSON writes them. */
export function maskSecrets(message: string, inputs: Values): string {
  return secretTexts(inputs, false)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .reduce((text, secret) => text.replaceAll(secret, '[secret]'), message)
}

function mark(value: unknown, input: unknown, texts: string[]): unknown {
  if (value instanceof Secret || value instanceof Asset) return value
  if (input instanceof Secret) return new Secret(value)
  if (Array.isArray(value)) {
    const inputs = Array.isArray(input) ? input : []
    // As Pulumi does: an array may be reordered by the platform, so that one secret makes the whole secret.
    if (inputs.some(holdsSecret)) return new Secret(value)
    return value.map((inner) => mark(inner, undefined, texts))
  }
  if (isRecord(value)) {
    const inputs = isRecord(input) ? input : {}
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mark(inner, inputs[key], texts)]))
  }
  if (typeof value === 'string' && texts.some((text) => value.includes(text))) return new Secret(value)
  return value
}

/** Texts long enough not to be found by chance. */
function secretTexts(value: unknown, secret: boolean): string[] {
  if (value instanceof Secret) return secretTexts(value.value, true)
  if (value instanceof Asset) return []
  if (typeof value === 'string') return secret && value.length >= 6 ? [value] : []
  if (Array.isArray(value)) return value.flatMap((inner) => secretTexts(inner, secret))
  return isRecord(value) ? Object.values(value).flatMap((inner) => secretTexts(inner, secret)) : []
}

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  if (Array.isArray(value)) return value.some(holdsSecret)
  return isRecord(value) && !(value instanceof Asset) && Object.values(value).some(holdsSecret)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
