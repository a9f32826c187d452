import { resolve } from 'node:path'
import type { OpenedAccount } from '../cloud-accounts.ts'

/** What is wrong with an account's files as the account is told: by their names, and nothing of the host's folders. */
export function withoutPaths(opened: OpenedAccount, folder: string): OpenedAccount {
  const plain = (text: string) =>
    text.replaceAll(`${resolve(folder)}/`, '').replace(/(^|[\s:"'(])\/(?:[^\s/:;,]+\/)+/g, '$1')
  const states = opened.given.states.map((state) =>
    state.problem === undefined ? state : { ...state, problem: plain(state.problem) },
  )
  const given = { ...opened.given, states }
  if (opened.ok) return { ...opened, given }
  return { ...opened, given, reason: plain(opened.reason), hint: plain(opened.hint) }
}
