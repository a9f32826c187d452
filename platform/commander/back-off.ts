/** How often something that failed is tried again by itself: the pauses grow fourfold from the first one. */
export interface BackOff {
  firstMs: number
  most: number
}

/** Whether to try now, later, or never again: then somebody has to look. `sinceMs`: since the last try ended. */
export function nextTry(tries: number, sinceMs: number, { firstMs, most }: BackOff): 'now' | 'later' | 'never' {
  if (tries >= most) return 'never'
  return tries === 0 || sinceMs >= firstMs * 4 ** (tries - 1) ? 'now' : 'later'
}
