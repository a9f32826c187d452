import { readZip } from '../../../stacks/sandbox/zip/read.ts'

/** Names and texts of what a zip holds. */
export function unzip(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries(readZip(bytes).map(({ path, bytes: text }) => [path, Buffer.from(text).toString('utf8')]))
}
