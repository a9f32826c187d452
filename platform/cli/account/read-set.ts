import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { PipiError } from '../../../catalog/errors.ts'
import { readVariables } from '../../variable-lines.ts'

const HINT = 'lines of NAME=value: ./pipi account credentials set CLOUD < file, or --file PATH'

/**
 * A set of credentials, of a file or of all of standard input. Not typed: a set is several values, some of several lines,
 * and a terminal would show them; there it is refused at once. Throws `input.invalid`.
 */
export async function readSet(
  file: string | undefined,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
): Promise<Record<string, string>> {
  if (file === undefined && input.isTTY === true) {
    throw new PipiError('input.invalid', 'expected credentials on standard input, got a terminal', {
      hint: `${HINT}; ./pipi account check CLOUD says which names`,
    })
  }
  const given = file === undefined ? await text(input) : await readNamed(file)
  const values = Object.fromEntries(Object.entries(readVariables(given)).filter(([, value]) => value !== ''))
  if (Object.keys(values).length > 0) return values
  throw new PipiError('input.invalid', 'no credentials came in', { hint: HINT })
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PipiError('input.invalid', `${file} cannot be read (${code})`, { hint: 'give the path of a file' })
  }
}
