import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Detected } from './detect.ts'

/** What may make the same source come out otherwise: system, Node, and Java where it is Java that builds. */
export async function versionsOf(tool: Detected['tool'], path: string): Promise<Record<string, string>> {
  const base = { system: `${process.platform}-${process.arch}`, node: process.version }
  if (tool !== 'maven' && tool !== 'gradle') return base
  const run = promisify(execFile)
  // It writes to standard error. Where there is none, the build says so.
  const told = await run('java', ['-version'], { env: { PATH: path }, timeout: 20_000 }).catch(() => undefined)
  return { ...base, java: told?.stderr.trim() ?? '' }
}
