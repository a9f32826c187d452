import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml'

export type PathInside = readonly (string | number)[]

/** Where in the text the path stands; for what is missing, where its nearest parent stands. */
export function offsetOf(root: Node, path: PathInside): number {
  let node: unknown = root
  let offset = offsetOfNode(root)
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (!pair) return offset
      // An entry's key is what a reader looks for; an element's value.
      offset = index === path.length - 1 || pair.value === null ? offsetOfNode(pair.key) : offsetOfNode(pair.value)
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      if (node === undefined) return offset
      offset = offsetOfNode(node)
    } else return offset
  }
  return offset
}

/** Where a node begins. */
export function offsetOfNode(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | null)?.range
  if (range) return range[0]
  return isPair(node) ? offsetOfNode(node.key) : 0
}

/** A path as people write it: `components[0].kind`. */
export function pathText(path: PathInside): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
