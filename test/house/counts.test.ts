import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { closingLine, countTests } from '../run/counts.ts'

describe('the closing line of npm test', () => {
  it('counts tests', async () => {
    const report = await reportOf([{ status: 'passed', tests: ['passed', 'passed', 'pending'] }])
    expect(closingLine(countTests(report, true))).toBe('2 passed, 0 failed, 1 skipped')
  })

  it('counts a file that leaks, or does not load, as one failed', async () => {
    const report = await reportOf([
      { status: 'failed', tests: ['passed'] },
      { status: 'failed', tests: [] },
      { status: 'failed', tests: ['failed', 'passed'] },
    ])
    expect(closingLine(countTests(report, false))).toBe('2 passed, 3 failed')
  })

  it('never calls a failed run a success', async () => {
    const report = await reportOf([{ status: 'passed', tests: ['passed'] }])
    expect(countTests(report, false).failed).toBe(1)
    expect(countTests(join(await tempFolder(), 'none'), false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

async function reportOf(files: { status: string; tests: string[] }[]): Promise<string> {
  const path = join(await tempFolder(), 'report.json')
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((one) => ({ status: one })),
  }))
  await writeFile(path, JSON.stringify({ testResults }))
  return path
}
