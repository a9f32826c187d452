import { isIP } from 'node:net'
import { z } from 'zod'
import type { Component } from '../../engines/contract/component.ts'

export const dnsRecordSchema = z.object({
  component: z.string(),
  /** The name that the owner wants to be reached by. */
  domain: z.string(),
  type: z.enum(['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT']),
  name: z.string(),
  value: z.string(),
})
export type DnsRecord = z.infer<typeof dnsRecordSchema>

const ownRecordsSchema = z.array(dnsRecordSchema.omit({ component: true, domain: true }))

/**
 * What an owner has to set in the DNS so that a domain leads to its component: what the engine's program says itself
 * (its output `dnsRecords`), else a record that leads to where the component answers. Names of loopback lead nowhere.
 */
export function dnsRecords(components: readonly Component[], outputs: Readonly<Record<string, unknown>>): DnsRecord[] {
  return components.flatMap((component) => {
    const domains = 'domains' in component ? (component.domains ?? []) : []
    if (domains.length === 0) return []
    const output = outputs[component.name]
    const own = ownRecordsSchema.safeParse(at(output, 'dnsRecords'))
    if (own.success) {
      return own.data.flatMap((record) => {
        const domain = domainOf(record.name, domains)
        return domain === undefined ? [] : [{ component: component.name, domain, ...record }]
      })
    }
    const host = hostOf(at(output, 'url'))
    if (host === undefined) return []
    return domains.map((domain) => {
      return { component: component.name, domain, type: typeFor(host, domain), name: domain, value: host }
    })
  })
}

function typeFor(host: string, domain: string): DnsRecord['type'] {
  const version = isIP(host)
  if (version !== 0) return version === 4 ? 'A' : 'AAAA'
  // A zone's own name takes no CNAME: its DNS has an ALIAS (or ANAME, or flattening) for that.
  return domain.split('.').length === 2 ? 'ALIAS' : 'CNAME'
}

/** `_check.www.lab.example` is about `www.lab.example`, and not about `lab.example`. */
function domainOf(name: string, domains: readonly string[]): string | undefined {
  return domains
    .filter((domain) => name === domain || name.endsWith(`.${domain}`))
    .sort((one, other) => other.length - one.length)[0]
}

function hostOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  return host === '' || host === 'localhost' || host === '::1' || /^127\./.test(host) ? undefined : host
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
