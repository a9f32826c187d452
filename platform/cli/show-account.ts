import type { Terminal } from './terminal.ts'
import type { ShownCloudAccount, ShownProposal } from './wire-account.ts'

/** One line a cloud account. */
export function showAccounts(terminal: Terminal, accounts: ShownCloudAccount[]): void {
  terminal.table(
    ['CLOUD', 'ACCOUNT', 'PLAN', 'ARMED', 'SWITCH', 'WATCHED', 'BUDGET A MONTH', 'CREDIT'],
    accounts.map((it) => [
      it.engine,
      it.id,
      it.plan,
      armedWord(terminal, it),
      switchWord(terminal, it),
      it.consentWatched ? 'agreed' : 'no',
      money(it.budget),
      money(it.credit),
    ]),
  )
}

/** Everything about one. */
export function showAccount(terminal: Terminal, account: ShownCloudAccount, open: ShownProposal[] = []): void {
  const { engine, id, plan, onBurn, reopens, staleUntil } = account
  terminal.line(`${terminal.style('bold', engine)} ${id}`)
  const rows: [string, string][] = [
    ['plan', plan],
    ['armed', `${armedWord(terminal, account)}${whyOf(account)}`],
    [
      'switch',
      `${switchWord(terminal, account)}${account.switch === 'open' || account.switchWhy === undefined ? '' : `: ${account.switchWhy}`}`,
    ],
    ['on burn', `${onBurn}${reopens === undefined ? '' : `, opens again ${reopens.replaceAll('-', ' ')}`}`],
    ['watched', account.consentWatched ? 'meters that are only watched are granted' : 'only what is proven is granted'],
    ...(staleUntil === undefined
      ? []
      : [['stale', `facts past their date are used until ${staleUntil}`] as [string, string]]),
    ['budget', `${money(account.budget)} a month`],
    ['credit', money(account.credit)],
  ]
  for (const [name, value] of rows) terminal.line(`  ${name.padEnd(8)} ${value}`)
  showFindings(terminal, account)
  for (const proposal of open) showProposal(terminal, proposal)
}

/** What the platform was asked, and what it said. */
export function showFindings(terminal: Terminal, { findings }: ShownCloudAccount): void {
  for (const { ok, what, why, hint, guard } of findings) {
    const mark = ok ? terminal.style('green', 'yes') : terminal.style(guard ? 'yellow' : 'red', 'no ')
    terminal.line(`  ${mark}  ${what}: ${why}${guard && !ok ? ' (nothing is refused for it)' : ''}`)
    if (!ok && hint !== undefined) terminal.line(`       ${terminal.style('cyan', 'hint')} ${hint}`)
  }
}

/** A wish and where it stands. */
export function showProposal(terminal: Terminal, proposal: ShownProposal): void {
  const { id, engine, what, state, says, confirmBefore } = proposal
  const colour = state === 'confirmed' ? 'green' : state === 'open' ? 'yellow' : 'dim'
  terminal.line(`${terminal.style('bold', `${what} of ${engine}`)}: ${terminal.style(colour, state)}  ${id}`)
  if (says !== undefined) terminal.line(`  ${says}`)
  if (state !== 'open') return
  const verb = what === 'budget' || what === 'credit' ? what : 'account'
  terminal.line(`  It does nothing yet. Confirm it before ${confirmBefore}: ./pipi ${verb} confirm ${id}`)
}

/** One account in one line, above what it holds. */
export function showAccountLine(terminal: Terminal, account: ShownCloudAccount): void {
  const { engine, id, plan, budget, credit } = account
  const paid = [
    ...(budget.limit > 0 ? [`budget ${money(budget)} this month`] : []),
    ...(credit.limit > 0 ? [`credit ${money(credit)}`] : []),
  ]
  const parts = [
    `plan ${plan}`,
    `armed ${armedWord(terminal, account)}${whyOf(account)}`,
    `switch ${switchWord(terminal, account)}`,
    paid.length === 0 ? 'no money' : paid.join(', '),
  ]
  terminal.line(`${terminal.style('bold', engine)} ${id}  ${parts.join(', ')}`)
}

export function armedWord(terminal: Terminal, { armed }: ShownCloudAccount): string {
  if (armed === undefined) return terminal.style('dim', 'not asked yet')
  return armed ? terminal.style('green', 'yes') : terminal.style('red', 'no')
}

/** Why it is not armed. */
export function whyOf({ armed, findings }: ShownCloudAccount): string {
  if (armed !== false) return ''
  return `: ${findings
    .filter((finding) => !finding.ok && !finding.guard)
    .map((finding) => `${finding.what}: ${finding.why}`)
    .join('; ')}`
}

export function switchWord(terminal: Terminal, account: ShownCloudAccount): string {
  return account.switch === 'open' ? 'open' : terminal.style('red', account.switch)
}

function money({ limit, left }: { limit: number; left: number }): string {
  return limit === 0 ? '0.00 USD' : `${left.toFixed(2)} of ${limit.toFixed(2)} USD left`
}
