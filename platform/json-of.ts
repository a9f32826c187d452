/** A text as JSON, or undefined when it is none: for lines and files that others write. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
