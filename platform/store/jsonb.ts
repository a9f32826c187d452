/** A value as jsonb takes it: it knows no NUL character, and what a build printed or a user sent may hold one. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value).replaceAll('\\u0000', '\\ufffd')
}
