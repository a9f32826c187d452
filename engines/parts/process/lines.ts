import type { Readable } from 'node:stream'

const LENGTH = 2000

/** Calls `tell` for each line of a stream, without colours. What is longer than 2000 characters is cut, not gathered. */
export function eachLine(stream: Readable, tell: (line: string) => void): void {
  let open = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = text.split(/\r?\n/)
    for (const [index, piece] of lines.entries()) {
      open = (open + piece).slice(0, LENGTH)
      if (index === lines.length - 1) continue
      tell(plain(open))
      open = ''
    }
  })
  stream.once('end', () => {
    if (open !== '') tell(plain(open))
  })
}

function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal have no place in a story
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
}
