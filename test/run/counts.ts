import { readFileSync } from 'node:fs'
import { z } from 'zod'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
})

/**
 * Counts the tests of vitest's JSON report. A file that fails without a failed test (it does not load, or it leaks)
 * counts as one failed; so does a run that fails for another reason, or leaves no report.
 */
export function countTests(report: string, ok: boolean): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of read(report)) {
    const failedBefore = counts.failed
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed++
      else if (status === 'failed') counts.failed++
      else counts.skipped++
    }
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed++
  }
  if (!ok && counts.failed === 0) counts.failed = 1
  return counts
}

/** The one line that scripts read: `12 passed, 0 failed`, and `, 1 skipped` when there are any. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}

function read(report: string): z.infer<typeof reportSchema>['testResults'] {
  let text: string
  try {
    text = readFileSync(report, 'utf8')
  } catch {
    return []
  }
  return reportSchema.parse(JSON.parse(text)).testResults
}
