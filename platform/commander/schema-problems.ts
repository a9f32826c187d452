import type { z } from 'zod'
import type { Problem } from '../../catalog/errors.ts'
import { type PathInside, pathText } from './yaml-place.ts'

/** More keys than this are not listed one by one. */
const MAX_KEYS = 50

export type ProblemAt = (path: PathInside, message: string, allowed?: string) => Problem

/** What a schema found wrong, in words: what is there, what is allowed, and where. */
export function schemaProblems(issue: z.core.$ZodIssue, above: PathInside, problemAt: ProblemAt): Problem[] {
  const path = [...above, ...(issue.path as (string | number)[])]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MAX_KEYS)
        .map((key) => problemAt([...path, key], `unknown key "${key}"`, 'see docs/manifest.md for the keys'))
    case 'invalid_union': {
      if (issue.discriminator !== undefined) {
        const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.join(', ') : issue.message
        return [problemAt(path, `unknown ${issue.discriminator}`, options)]
      }
      // The branch with the fewest faults is the one that was meant.
      const branches = [...issue.errors].sort((a, b) => faultsOf(a) - faultsOf(b))
      const [meant] = branches
      if (!meant) return [problemAt(path, issue.message)]
      return meant.flatMap((inner) => schemaProblems(inner, path, problemAt))
    }
    case 'invalid_type':
      return [
        problemAt(
          path,
          `${path.length === 0 ? 'the document' : pathText(path)}: ${shorten(issue.message)}`,
          issue.expected,
        ),
      ]
    case 'invalid_value':
      return [problemAt(path, `${pathText(path)}: got ${shown(issue.input)}`, issue.values.map(String).join(', '))]
    case 'invalid_format':
      return [problemAt(path, `${pathText(path)}: got ${shown(issue.input)}`, issue.message)]
    default:
      return [problemAt(path, `${pathText(path)}: ${shorten(issue.message)}`, shorten(issue.message))]
  }
}

function faultsOf(branch: z.core.$ZodIssue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 2), 0)
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function shorten(message: string): string {
  return message.replace(/^Invalid input: /, '')
}
