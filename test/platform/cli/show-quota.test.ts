import { describe, expect, it } from 'vitest'
import { showQuota } from '../../../platform/cli/show-quota.ts'
import { layOut, type Terminal } from '../../../platform/cli/terminal.ts'
import { quotaLineSchema } from '../../../platform/cli/wire.ts'

/** What a person would read, without colours. */
function shown(...lines: Record<string, unknown>[]): string {
  let text = ''
  const terminal = {
    style: (_: string, plain: string) => plain,
    table: (head: string[], rows: string[][]) => {
      text += layOut(head, rows)
    },
  } as unknown as Terminal
  showQuota(
    terminal,
    lines.map((line) => quotaLineSchema.parse({ meter: 'c.things', unit: 'thing', limit: 16, ...line })),
  )
  return text
}
const bar = (line: Record<string, unknown>) => /[█▒▓░]+/.exec(shown(line))?.[0]

describe('a meter as a bar', () => {
  it('is as long for every limit, and has used, beside ours, held and free parts in this order', () => {
    expect(bar({ held: 4, used: 2, observed: 3 })).toBe('██▒▒▒▓▓▓▓░░░░░░░')
    expect(bar({ held: 0 })).toBe('░'.repeat(16))
    expect(bar({ held: 16 })).toBe('▓'.repeat(16))
  })

  it('counts what of the held part has passed as used', () => {
    expect(bar({ held: 8, gone: 6 })).toBe('██████▓▓░░░░░░░░')
    expect(shown({ held: 8, gone: 6 })).toMatch(/16 thing +8 +6 /)
  })

  it('never grows beyond its length, also when more is taken than the limit says', () => {
    expect(bar({ held: 40, used: 9, observed: 9, over: true })).toHaveLength(16)
    expect(bar({ limit: 0, held: 1, over: true })).toHaveLength(16)
    expect(shown({ held: 40, over: true })).toContain('over')
  })
})

describe('a meter in words', () => {
  it('says who holds it, what of it money pays for, and until when', () => {
    const holders = [
      { workspace: 'one', resource: 'a', amount: 2, endsAt: '2027-01-02T00:00:00Z' },
      { workspace: 'one', resource: 'b', amount: 3, endsAt: '2027-01-05T00:00:00Z' },
      { workspace: 'two', resource: 'c', amount: 4, paid: 1 },
      { workspace: 'three', resource: 'd', amount: 1, paid: 1 },
    ]
    const text = shown({ held: 10, holders, reading: 7 })
    expect(text).toContain('one 5, until 2027-01-05')
    expect(text).toContain('two 4, 1 of it paid for')
    expect(text).toContain('three 1, paid for')
    expect(text).toContain('the platform says 7 thing')
  })

  it('names the price of one more, by the million where it is small, and nothing where nobody knows it', () => {
    expect(shown({ price: 3 })).toContain('3 USD/thing')
    expect(shown({ price: 2e-7 })).toContain('0.2 USD/million thing')
    expect(shown({})).not.toContain('USD')
  })
})
