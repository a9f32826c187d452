import { describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../engines/contract/manifest.ts'
import { dnsRecords } from '../../../platform/commander/dns-records.ts'

const { components } = manifestSchema.parse({
  ...{ apiVersion: 'pipi/v1', name: 'lab' },
  components: [
    { name: 'site', kind: 'site', domains: ['lab.example', 'www.lab.example'] },
    { name: 'bare', kind: 'site' },
  ],
})
const shown = (outputs: Record<string, unknown>) =>
  dnsRecords(components, outputs).map(({ type, name, value }) => `${type} ${name} ${value}`)

describe('the records that lead a domain to its component', () => {
  it('lead to the name that the platform gave, by ALIAS where a zone itself takes no CNAME', () => {
    expect(shown({ site: { url: 'https://lab-1a2b.platform.example/' } })).toEqual([
      'ALIAS lab.example lab-1a2b.platform.example',
      'CNAME www.lab.example lab-1a2b.platform.example',
    ])
  })

  it('lead to an address where there is no name', () => {
    expect(shown({ site: { url: 'http://203.0.113.9:8080' } })).toEqual([
      'A lab.example 203.0.113.9',
      'A www.lab.example 203.0.113.9',
    ])
    expect(shown({ site: { url: 'http://[2001:db8::9]/' } })[0]).toBe('AAAA lab.example 2001:db8::9')
  })

  it('are those that the engine itself names, each by the domain it belongs to', () => {
    const own = [
      { type: 'TXT', name: '_check.www.lab.example', value: 'token' },
      { type: 'A', name: 'lab.example', value: '203.0.113.1' },
    ]
    expect(shown({ site: { url: 'https://x.example', dnsRecords: own } })).toEqual([
      'TXT _check.www.lab.example token',
      'A lab.example 203.0.113.1',
    ])
    expect(dnsRecords(components, { site: { url: '', dnsRecords: own } })).toMatchObject([
      { domain: 'www.lab.example' },
      { domain: 'lab.example' },
    ])
  })

  it('are none where nothing answers for the world', () => {
    for (const url of ['http://127.0.0.1:8123', 'http://localhost:1', 'http://[::1]:1', undefined, 'nonsense'])
      expect(shown({ site: { url } })).toEqual([])
    expect(shown({})).toEqual([])
  })
})
