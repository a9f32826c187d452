/** One word for a shell, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** A script for `/bin/sh`, whatever the user's own shell is; `$1`, `$2`… are `args`. */
export function shellCall(script: string, args: readonly string[] = []): string {
  return ['exec /bin/sh -c', quote(script), 'pipi', ...args.map(quote)].join(' ')
}
