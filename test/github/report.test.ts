import { describe, expect, it } from 'vitest'
import { loadAction } from './load-action.ts'

const { outputLines, outputsOf, summaryOf } = await loadAction('report.mjs')

const succeeded = {
  id: 'd1',
  workspace: 'estuary',
  engine: 'one',
  status: 'succeeded',
  outputs: { site: { url: 'https://a.example/' }, data: { url: 'https://b.example/' } },
}

describe("the action's outputs", () => {
  it('name the deployment, its state and its addresses', () => {
    expect(outputsOf(succeeded)).toEqual({
      id: 'd1',
      status: 'succeeded',
      engine: 'one',
      url: 'https://a.example/',
      urls: '{"site":"https://a.example/","data":"https://b.example/"}',
    })
  })

  it('cannot be forged by what a deployment says', () => {
    const lines = outputLines({ url: 'x\nid=forged\nend\nid<<end\nforged' }, 'end-7f')
    expect(lines).toBe('url<<end-7f\nx\nid=forged\nend\nid<<end\nforged\nend-7f\n')
  })
})

describe("the job's summary", () => {
  it('says what runs where', () => {
    const page = summaryOf(succeeded, 0)
    expect(page).toContain('✅ estuary: succeeded')
    expect(page).toContain('<https://a.example/>')
  })

  it('says why the lock refused, who holds it, and what to do', () => {
    const refusal = {
      code: 'lock.over-limit',
      message: 'no place left',
      hint: 'destroy one',
      holders: [{ workspace: 'first' }, { workspace: 'second' }],
    }
    const page = summaryOf({ ...succeeded, status: 'refused', outputs: {}, refusal }, 3)
    expect(page).toContain('no place left (`lock.over-limit`)')
    expect(page).toContain('Held by: first, second')
    expect(page).toContain('> destroy one')
  })

  it('shows every problem of a manifest with its place', () => {
    const problems = [{ file: 'workspace.yaml', line: 3, column: 7, message: 'unknown key "kindd"', allowed: 'kind' }]
    expect(summaryOf({ error: { message: 'not valid', problems } }, 2)).toContain(
      'workspace.yaml:3:7 unknown key "kindd" (allowed: kind)',
    )
  })

  it('shows markup as text', () => {
    const page = summaryOf({ ...succeeded, workspace: '<img src=x> [a](javascript:b)' }, 0)
    expect(page).not.toMatch(/(?<!\\)<img|(?<!\\)\[a/)
  })

  it('says something even when the command said nothing', () => {
    expect(summaryOf(undefined, 1)).toContain('ended with 1')
  })
})
