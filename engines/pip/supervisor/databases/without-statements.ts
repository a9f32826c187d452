import { pipeline, type Readable, Transform } from 'node:stream'

/** A line beyond this is not waited for: its beginning says what it is. */
const MOST = 64 * 1024
const HEAD = 256

/**
 * What a server says, without statements: one that made the whole server panic (its disk is full) is written whatever the
 * settings say. Further lines of a message begin with a tab; none of ours is missed without them.
 */
export function withoutStatements(said: Readable): Readable {
  // Bytes as they are: a character may be cut between two pieces.
  let begun = ''
  const kept = new Transform({
    transform(piece: Buffer, _, done) {
      const lines = (begun + piece.toString('latin1')).split('\n')
      begun = lines.pop() ?? ''
      const passed = lines.filter((line) => !isStatement(line)).map((line) => `${line}\n`)
      if (begun.length > MOST) {
        if (isStatement(begun)) begun = begun.slice(0, HEAD)
        else {
          passed.push(`${begun}\n`)
          begun = ''
        }
      }
      done(null, Buffer.from(passed.join(''), 'latin1'))
    },
    flush(done) {
      done(null, isStatement(begun) ? undefined : Buffer.from(begun, 'latin1'))
    },
  })
  // A server that was killed has said what it has said.
  pipeline(said, kept, () => undefined)
  return kept
}

/** By the prefix that the settings give each message, in English as the cluster was made. */
function isStatement(line: string): boolean {
  return line.startsWith('\t') || /^\S+ \S+ \S+ \[\d+\] STATEMENT: /.test(line)
}
