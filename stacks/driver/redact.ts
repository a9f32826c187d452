import { unescape as percentDecode } from 'node:querystring'

/** Replaces secrets in a text that people will read: an error of the CLI repeats the address of its state, password and all. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '[secret]'), text)
}

/** What of a state's address nobody may read: its password, as it is written there and as it is meant. */
export function secretsOfUrl(address: string): string[] {
  const url = URL.parse(address)
  if (url === null || url.password === '') return []
  return [...new Set([url.password, percentDecode(url.password)])]
}
