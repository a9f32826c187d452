import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ERRORS, type ErrorKind } from '../../catalog/errors.ts'
import { filesBelow, occurrences, ROOMS, root } from './tree.ts'

it('docs/errors.md lists exactly the codes of the registry (vitest run test/house -u writes it anew)', async () => {
  await expect(page()).toMatchFileSnapshot(join(root, 'docs/errors.md'))
})

it('every code of the registry is thrown or answered somewhere', () => {
  const files = filesBelow(ROOMS, /\.(ts|sql)$/).filter((path) => path !== 'catalog/errors.ts')
  const unused = Object.keys(ERRORS).filter(
    (code) => occurrences(files, new RegExp(`['"]${code.replaceAll('.', '\\.')}['"]`)).length === 0,
  )
  expect(unused).toEqual([])
})

function page(): string {
  const rows = (Object.entries(ERRORS) as [string, ErrorKind][]).map(
    ([code, kind]) =>
      `| \`${code}\` | ${kind.title} | ${kind.status} | ${kind.exit} | ${kind.retryable ? 'yes' : 'no'} |`,
  )
  return `# Errors

Every error carries a code, a message (what was expected, what was got) and, mostly, a hint (what to do next). The code is
the promise: scripts match on it, texts may change. Over HTTP it is the \`code\` of a problem document
(\`application/problem+json\`), on the command line the exit code says the same more coarsely, and \`--json\` prints all.
"Again" tells whether the same request may work later without anybody changing anything.

| code | meaning | HTTP | exit | again |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## Exit codes

| exit | meaning |
| --- | --- |
| 0 | done |
| 1 | failed |
| 2 | bad usage or manifest: every problem is named with its place and what is allowed |
| 3 | refused by the lock: nothing free can carry it, or a free limit would be passed |
| 4 | not found |
| 5 | the platform does not answer |
| 6 | not allowed |
| 130 | detached (Ctrl-C while waiting): the deployment goes on |

This page is written from \`catalog/errors.ts\`: \`npx vitest run test/house -u\` after a change there.
`
}
