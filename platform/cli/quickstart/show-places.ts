import { figure } from '../show-quota.ts'
import type { Terminal } from '../terminal.ts'
import type { QuotaLine, ShownDeployment } from '../wire.ts'
import type { Answer } from './request-urls.ts'

export interface PlaceResult {
  deployment: ShownDeployment
  engineName: string
  answers: Answer[]
}

/** What runs where, each address with what it answered. */
export function showPlaces(terminal: Terminal, places: PlaceResult[]): void {
  terminal.line(terminal.style('bold', '\nWhat runs where'))
  terminal.table(
    ['WORKSPACE', 'PLATFORM', 'PART', 'ADDRESS', 'ANSWERS'],
    places.flatMap(({ deployment, engineName, answers }) =>
      answers.map((it, at) => [
        at === 0 ? deployment.workspace : '',
        at === 0 ? `${engineName} (${deployment.engine})` : '',
        it.name,
        it.url,
        terminal.style(it.ok ? 'green' : 'red', `${it.answer} in ${it.milliseconds} ms`),
      ]),
    ),
  )
}

/** What each workspace takes of which free limit, and how sure that is. */
export function showTaken(terminal: Terminal, places: PlaceResult[], quota: QuotaLine[]): void {
  terminal.line(terminal.style('bold', '\nWhat it takes of the free limits'))
  const rows = places.flatMap(({ deployment }) => {
    const taken = new Map<string, { amount: number; bound: string }>()
    for (const amount of (deployment.resources ?? []).flatMap((resource) => resource.demand ?? [])) {
      const before = taken.get(amount.meter)
      const bound = worse(before?.bound, amount.bound ?? '')
      taken.set(amount.meter, { amount: (before?.amount ?? 0) + amount.amount, bound })
    }
    return [...taken].map(([meter, { amount, bound }], at) => {
      const line = quota.find((it) => it.meter === meter)
      const of = line === undefined ? '' : `${figure(line.limit)} ${line.unit ?? ''} / ${line.period ?? ''}`
      const share = line === undefined || line.limit === 0 ? '' : `${figure((amount / line.limit) * 100)} %`
      return [at === 0 ? deployment.workspace : '', meter, figure(amount), of, share, bound]
    })
  })
  terminal.table(['WORKSPACE', 'LIMIT', 'TAKES', 'OF', '', 'CLASS'], rows)
  terminal.line(
    terminal.style(
      'dim',
      'proven: its own settings keep it within the limit; watched: bounded by readings, the owner has agreed',
    ),
  )
}

const ORDER = ['', 'proven', 'watched', 'unbounded']
function worse(a: string | undefined, b: string): string {
  return ORDER.indexOf(a ?? '') >= ORDER.indexOf(b) ? (a ?? '') : b
}
