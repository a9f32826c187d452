import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** Passes bytes on, and knows how many they were and what they digest to (once, at the end). */
export function digestingStream(): { stream: Transform; digest(): string; bytes(): number } {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _, next) {
      hash.update(chunk)
      bytes += chunk.length
      next(null, chunk)
    },
  })
  return { stream, digest: () => `sha256:${hash.digest('hex')}`, bytes: () => bytes }
}
