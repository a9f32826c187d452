import { describe, expect, it } from 'vitest'
import { type DnsQuestions, dnsAnswers } from '../../../platform/commander/dns-answers.ts'
import type { DnsRecord } from '../../../platform/commander/dns-records.ts'

const record = (type: DnsRecord['type'], name: string, value: string): DnsRecord => ({
  component: 'web',
  domain: name,
  type,
  name,
  value,
})
const missing = (code: string) => Object.assign(new Error(code), { code })

/** A DNS with these names; all others are not there. */
function dns(known: Record<string, string[]>): DnsQuestions {
  const ask = (kind: string) => async (name: string) => {
    const found = known[`${kind} ${name}`]
    if (found === undefined) throw missing('ENOTFOUND')
    return found
  }
  return {
    resolve4: ask('A'),
    resolve6: ask('AAAA'),
    resolveCname: ask('CNAME'),
    resolveTxt: async (name) => [await ask('TXT')(name)],
  }
}

const answersOf = async (records: DnsRecord[], questions: DnsQuestions, withinMs?: number) =>
  (await dnsAnswers(records, questions, withinMs)).map(({ answers, found, why }) => [answers, found, why])

describe('whether the DNS leads to a workspace', () => {
  it('is told for each record, with what it answers in its place', async () => {
    const questions = dns({
      'CNAME www.lab.example': ['There.Example.'],
      'CNAME old.lab.example': ['elsewhere.example'],
      'A lab.example': ['192.0.2.7'],
      'A there.example': ['192.0.2.7', '192.0.2.8'],
      'A other.example': ['192.0.2.9'],
      'TXT _check.lab.example': ['part one, ', 'part two'],
    })
    expect(
      await answersOf(
        [
          record('CNAME', 'www.lab.example', 'there.example'),
          record('CNAME', 'old.lab.example', 'there.example'),
          record('ALIAS', 'lab.example', 'there.example'),
          record('ALIAS', 'lab.example', 'other.example'),
          record('TXT', '_check.lab.example', 'part one, part two'),
          record('AAAA', 'lab.example', '2001:db8::7'),
        ],
        questions,
      ),
    ).toEqual([
      ['yes', [], undefined],
      ['no', ['elsewhere.example'], undefined],
      ['yes', [], undefined],
      ['no', ['192.0.2.7'], undefined],
      ['yes', [], undefined],
      ['no', [], undefined],
    ])
  })

  it('is not known where the DNS fails or does not answer in time', async () => {
    const broken = { ...dns({}), resolve4: async () => Promise.reject(missing('ESERVFAIL')) }
    const silent = { ...dns({}), resolve4: () => new Promise<never>(() => undefined) }
    const one = [record('A', 'lab.example', '192.0.2.7')]
    expect(await answersOf(one, broken)).toEqual([['not-known', [], 'ESERVFAIL']])
    expect(await answersOf(one, silent, 10)).toEqual([['not-known', [], 'ETIMEOUT']])
  })
})
