import { BEHAVIOURS, type Finding, type Verdict } from './compare/finding.ts'

const MARKS: Record<Verdict, string> = { same: 'same', different: 'DIFFERENT', 'not comparable': '-' }
const WORST: readonly Verdict[] = ['different', 'not comparable', 'same']

/** Type by behaviour, the worst that was found of each; what was not compared stays empty. */
export function tableOf(findings: readonly Finding[]): string {
  const columns = BEHAVIOURS.filter((behaviour) => findings.some((one) => one.behaviour === behaviour))
  const types = [...new Set(findings.map(({ type }) => type))].sort()
  const rows = types.map((type) => [type, ...columns.map((behaviour) => cell(findings, type, behaviour))])
  const all = [['type', ...columns], ...rows]
  const widths = all[0]?.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length))) ?? []
  return all
    .map((row) =>
      row
        .map((word, at) => word.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `12 same, 1 different, 3 not comparable`. */
export function sumOf(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length
  return `${count('same')} same, ${count('different')} different, ${count('not comparable')} not comparable`
}

function cell(findings: readonly Finding[], type: string, behaviour: string): string {
  const verdicts = findings.filter((one) => one.type === type && one.behaviour === behaviour).map((one) => one.verdict)
  const worst = WORST.find((verdict) => verdicts.includes(verdict))
  return worst === undefined ? '' : MARKS[worst]
}
