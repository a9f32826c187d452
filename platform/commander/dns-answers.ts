import { Resolver } from 'node:dns/promises'
import { z } from 'zod'
import { type DnsRecord, dnsRecordSchema } from './dns-records.ts'

/** A record to be set, and whether the DNS answers so now. */
export const dnsAnswerSchema = dnsRecordSchema.extend({
  answers: z.enum(['yes', 'no', 'not-known']),
  /** What it answers in its place. */
  found: z.array(z.string()),
  /** Why nobody can say. */
  why: z.string().optional(),
})
export type DnsAnswer = z.infer<typeof dnsAnswerSchema>

/** Questions to the DNS; each throws with a `code` as node:dns has them. */
export interface DnsQuestions {
  resolve4(name: string): Promise<string[]>
  resolve6(name: string): Promise<string[]>
  resolveCname(name: string): Promise<string[]>
  resolveTxt(name: string): Promise<string[][]>
}

/** One question and its repetition, milliseconds. */
const PATIENCE_MS = 2_000

/** The DNS as this host asks it. */
export function hostsDns(): DnsQuestions {
  return new Resolver({ timeout: PATIENCE_MS, tries: 1 })
}

/** Asks for each record, all at once; one that takes longer than `withinMs` is not known. */
export async function dnsAnswers(
  records: readonly DnsRecord[],
  dns: DnsQuestions,
  withinMs = 2 * PATIENCE_MS,
): Promise<DnsAnswer[]> {
  return Promise.all(
    records.map(async (record): Promise<DnsAnswer> => {
      try {
        const found = await within(withinMs, ask(record, dns))
        const right = record.type === 'ALIAS' ? await within(withinMs, addresses(record.value, dns)) : [record.value]
        const same = found.some((one) => right.some((other) => plain(one, record.type) === plain(other, record.type)))
        return { ...record, answers: same ? 'yes' : 'no', found: same ? [] : found }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        return { ...record, answers: 'not-known', found: [], why: code ?? message }
      }
    }),
  )
}

function ask({ type, name }: DnsRecord, dns: DnsQuestions): Promise<string[]> {
  switch (type) {
    case 'A':
      return orNone(dns.resolve4(name))
    case 'AAAA':
      return orNone(dns.resolve6(name))
    case 'CNAME':
      return orNone(dns.resolveCname(name))
    case 'TXT':
      return orNone(dns.resolveTxt(name).then((texts) => texts.map((parts) => parts.join(''))))
    case 'ALIAS':
      return addresses(name, dns)
  }
}

/** A zone's own name has the addresses of what it stands for. */
async function addresses(name: string, dns: DnsQuestions): Promise<string[]> {
  return (await Promise.all([orNone(dns.resolve4(name)), orNone(dns.resolve6(name))])).flat()
}

/** That there is no such name or record is an answer. */
async function orNone(asked: Promise<string[]>): Promise<string[]> {
  try {
    return await asked
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

function plain(value: string, type: DnsRecord['type']): string {
  return type === 'TXT' ? value : value.toLowerCase().replace(/\.$/, '')
}

async function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEOUT' })), ms)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
