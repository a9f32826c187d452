import { createHash } from 'node:crypto'

const PATIENCE_MS = 300_000

/** The bytes of an object, which must have this sha256: nothing else is ever unpacked or run. */
export async function fetchObject(fetch, source, name, digest) {
  const answer = await fetch(`${source}${name}`, { signal: AbortSignal.timeout(PATIENCE_MS) })
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new Error(`${name} was answered ${answer.status}`)
  }
  const bytes = Buffer.from(await answer.arrayBuffer())
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got !== digest) throw new Error(`${name} has the sha256 ${got}, expected ${digest}`)
  return bytes
}
