import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBook } from '../../../engines/demand/book.ts'
import { type DemandRow, demandTable } from '../../../engines/demand/table.ts'
import { root } from '../../house/tree.ts'

/** At a time at which no fact is past its date: the page says what they are, not how old. */
const book = await openBook({}, () => 0)

describe('docs/demand.md', () => {
  it('lists what every type takes, with limit, price and source (vitest run test/engines/demand -u writes it anew)', async () => {
    await expect(page()).toMatchFileSnapshot(join(root, 'docs/demand.md'))
  })
})

function page(): string {
  const parts = [...book.platforms.values()].flatMap((platform) => {
    const rows = demandTable(book, platform.code)
    if (rows.length === 0) return []
    return [
      `## ${platform.name} (${platform.code})\n\nFacts of ${platform.checked}.\n\n${HEAD}\n${rows.map(lineOf).join('\n')}\n\n${sourcesOf(rows)}\n`,
    ]
  })
  return `# What each resource takes

Every resource type that the catalogue or an engine knows, computed with the example in \`catalog/<code>.yaml\`, 20,000 requests
and 200 MB a month. "proven" is held by the resource's own settings or by a platform that stops; "watched" only by reading what
was used, and the most in an hour is what native throttles let pass (none given: nothing bounds it, and a plan that bills
refuses it). A limit is for the whole period, a price in USD for one unit beyond it.

\`./pipi catalog demand TYPE --inputs JSON\` computes one with other inputs.

${parts.join('\n')}
This page is written from the catalogue and the engines' rules: \`npx vitest run test/engines/demand -u\` after a change there.
`
}

const HEAD = `| type | meter | takes | how, or why not | limit | price | sources |
| --- | --- | --- | --- | --- | --- | --- |`

function lineOf(row: DemandRow): string {
  const limit = row.limit === undefined ? '' : `${row.limit} ${row.unit} / ${row.period}`
  const takes = row.amount === undefined ? row.outcome : `${row.amount}, ${row.bound}${mostOf(row)}`
  const cells = [
    `\`${row.type}\``,
    row.meter ?? '',
    takes,
    row.how,
    limit,
    row.usdPerUnit === undefined ? '' : String(row.usdPerUnit),
    row.sources.map(({ id }) => id).join(', '),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function mostOf(row: DemandRow): string {
  return row.perHour === undefined ? '' : `, at most ${row.perHour} an hour`
}

function sourcesOf(rows: DemandRow[]): string {
  const sources = new Map(rows.flatMap((row) => row.sources.map((source) => [source.id, source] as const)))
  return [...sources.values()]
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(({ id, url, date }) => `- ${id}: ${url} (${date})`)
    .join('\n')
}
